#!/usr/bin/env bash
# pip 23.2.1 (bundled with Python 3.11.7): `pip install justext` succeeds, `pip check` finds nothing, and
# `import justext` fails.
#
# Behaviour: justext 3.0.2 requires `lxml[html_clean]`; the metadata of lxml 6.1.3 spells this extra `html-clean`. This
# pip compares the two as they are written, warns that lxml does not provide the extra, leaves `lxml_html_clean` out and
# ends with status 0. What requires justext, such as trafilatura, fails in the same way. pip 26.3 installs it.
# Expected: both spellings name one extra. The specification "Names and normalization" of the Python Packaging User
# Guide treats `-`, `_` and `.` alike, and PEP 685 says so of extras: tools compare their names normalized.
# Seen: the lines below, with lxml 6.1.3.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT

outcome_with() {  # outcome_with PIP_VERSION: what becomes of an installation and of the import
  python3 -m venv "$room/$1"
  "$room/$1/bin/python" -m pip install --quiet --disable-pip-version-check "pip==$1"
  "$room/$1/bin/pip" install --quiet --disable-pip-version-check justext==3.0.2 lxml==6.1.3
  "$room/$1/bin/pip" check
  if "$room/$1/bin/python" -c 'import justext' 2> "$room/error"; then
    echo "imported"
  else
    grep -o 'ImportError: .*' "$room/error"
  fi
}

old=$(outcome_with 23.2.1)
new=$(outcome_with 26.3)
printf 'pip 23.2.1: %s\npip 26.3: %s\n' "${old//$'\n'/ }" "${new//$'\n'/ }"
checked="No broken requirements found."
failed="ImportError: lxml.html.clean module is now a separate project lxml_html_clean."
if [ "$old" != "$checked"$'\n'"$failed" ] || [ "$new" != "$checked"$'\n'"imported" ]; then
  echo "changed: this finding is outdated" >&2
  exit 1
fi
