#!/usr/bin/env bash
# feedparser 6.0.14: parts of an ISO 8601 date are dropped in silence, and the instant is wrong.
#
# Behaviour: of an offset without a colon only the hours count, so `+0530` is taken for `+05:00`; of a date and time
# in the basic form only the date counts, so the instant is midnight; a week date is read as a month. `published_parsed`
# holds a wrong instant each time, and `bozo` stays false.
# Expected: the instant that ISO 8601 gives, or no `published_parsed` at all. feedparser's documentation, "Date
# Parsing", section "Recognized Date Formats", lists "valid ISO 8601 (yyyymmdd)" among what it reads, and "Supporting
# Additional Date Formats" says that `*_parsed` is not present where no handler succeeds. `+0530` is what `date +%z`
# writes.
# Seen: the lines below, with Python 3.11. `-0800`, which has no minutes, comes out right, so that it goes unnoticed.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room"
"$room/bin/pip" install --quiet --disable-pip-version-check --no-deps feedparser==6.0.14 feedparser-sgmllib==2.1.0
"$room/bin/python" - <<'PYTHON'
import sys
import time

import feedparser

SEEN = {  # the date: what feedparser makes of it, and the instant that is meant
    "2025-07-03T12:00:00-0800": ("2025-07-03T20:00:00Z", "2025-07-03T20:00:00Z"),
    "2025-07-03T12:00:00+0530": ("2025-07-03T07:00:00Z", "2025-07-03T06:30:00Z"),
    "2025-07-03T12:00:00+0545": ("2025-07-03T06:55:00Z", "2025-07-03T06:15:00Z"),
    "2025-07-03T12:00:00-0330": ("2025-07-03T15:00:00Z", "2025-07-03T15:30:00Z"),
    "20250703T120000Z": ("2025-07-03T00:00:00Z", "2025-07-03T12:00:00Z"),
    "2025-W27-4": ("2025-11-01T00:00:00Z", "2025-07-03T00:00:00Z"),
}


def read(date: str) -> tuple[str, bool]:
    feed = f"<rss version='2.0'><channel><item><pubDate>{date}</pubDate></item></channel></rss>"
    document = feedparser.parse(feed)
    parsed = document.entries[0].get("published_parsed")
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", parsed) if parsed else "none", document.bozo


changed = False
for date, (as_seen, meant) in SEEN.items():
    instant, is_bozo = read(date)
    print(f"{date:26} read as {instant}, meant {meant}, bozo {is_bozo}")
    changed = changed or instant != as_seen or is_bozo
sys.exit("changed: this finding is outdated" if changed else 0)
PYTHON
