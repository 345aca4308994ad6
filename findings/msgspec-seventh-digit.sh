#!/usr/bin/env bash
# msgspec 0.22.0: the last instant of .NET is "Invalid RFC3339", and times of the same text differ from Python's.
#
# Behaviour: fractions of a second beyond microseconds are rounded, where `datetime.fromisoformat` cuts them off. So
# `23:59:59.9999999` is the next day to msgspec and this day to Python, and `9999-12-31T23:59:59.9999999Z` cannot be
# decoded at all: rounded up it is the year 10000, and the error blames the text's form.
# Expected: an instant, or an error that speaks of the range. RFC 3339, section 5.6, `time-secfrac = "." 1*DIGIT`, makes
# the text valid; the .NET API reference says of `DateTime.MaxValue` that it is 23:59:59.9999999 UTC on 31 December
# 9999, and System.Text.Json writes seven digits, as the "no end" of a period in many APIs. msgspec's "Supported Types",
# section `datetime`, says nothing of rounding.
# Seen: the lines below, with Python 3.11.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room"
"$room/bin/pip" install --quiet --disable-pip-version-check msgspec==0.22.0
"$room/bin/python" - <<'PYTHON'
import sys
from datetime import datetime

import msgspec

SEEN = {  # text: to msgspec, to datetime.fromisoformat
    "2025-07-03T12:00:00.1234567Z": ("2025-07-03T12:00:00.123457+00:00", "2025-07-03T12:00:00.123456+00:00"),
    "2025-07-03T23:59:59.9999999Z": ("2025-07-04T00:00:00+00:00", "2025-07-03T23:59:59.999999+00:00"),
    "9999-12-31T23:59:59.9999999Z": ("Invalid RFC3339 encoded datetime", "9999-12-31T23:59:59.999999+00:00"),
}


def by_msgspec(text: str) -> str:
    try:
        return msgspec.json.decode(f'"{text}"', type=datetime).isoformat()
    except msgspec.ValidationError as error:
        return str(error)


changed = False
for text, as_seen in SEEN.items():
    answers = by_msgspec(text), datetime.fromisoformat(text).isoformat()
    print(f"{text}: msgspec {answers[0]}, fromisoformat {answers[1]}")
    changed = changed or answers != as_seen
sys.exit("changed: this finding is outdated" if changed else 0)
PYTHON
