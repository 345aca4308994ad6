#!/usr/bin/env bash
# Protego 0.7.0: a record it does not know, between two user-agent lines, takes the rules away from the first agent.
#
# Behaviour: any line of the form `field: value` but `Sitemap` and `Host` closes a group of user-agent lines. In
# `User-agent: a / Note: x / User-agent: b / Disallow: /p` agent `a` has no rule at all and may fetch `/p`.
# A comment or an empty line in the same place changes nothing.
# Expected: `/p` is disallowed to both. RFC 9309, section 2.2.4: "Parsing of other records MUST NOT interfere with the
# parsing of explicitly defined records", with sitemaps as an example of such records, not as their list; section 2.2.1:
# a group is one or more user-agent lines and the rules after them. Protego's README says that it "implements the
# parsing and URL matching rules" of RFC 9309.
# Seen: the lines below.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room"
"$room/bin/pip" install --quiet --disable-pip-version-check protego==0.7.0
"$room/bin/python" - <<'PYTHON'
import sys

from protego import Protego

SEEN = {  # the line between: whether agent a may fetch /p
    "": False,
    "# a comment": False,
    "Sitemap: https://news.example/sitemap.xml": False,
    "Note: ask us first": True,
    "Content-Signal: search=yes, ai-train=no": True,
}
changed = False
for line, allowed in SEEN.items():
    rules = Protego.parse(f"User-agent: a\n{line}\nUser-agent: b\nDisallow: /p\n")
    answers = {agent: rules.can_fetch("https://news.example/p", agent) for agent in ("a", "b")}
    print(f"{line or '(empty line)':45} a may fetch /p: {answers['a']}, b: {answers['b']}")
    changed = changed or answers != {"a": allowed, "b": False}
sys.exit("changed: this finding is outdated" if changed else 0)
PYTHON
