"""The one reader of dates in feeds, pages, comments and headers: an instant or nothing, never a wrong one.

ISO 8601 and RFC 3339, RFC 822, 850, 2822 and 9110, asctime and JavaScript's, seconds since 1970, and dates for people
in some thirty languages. Nothing here looks at the zone of the machine.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from wiredesk.text import clocks, days
from wiredesk.text.clocks import NoInstantError
from wiredesk.text.zones import zone

MAX_CHARACTERS = 80
MAX_PROSE_CHARACTERS = 2_000

_COMPACT_DAY = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:[T ]?(\d\d)(\d\d)(\d\d)?(?=\D|$))?(?=\D|$)", re.IGNORECASE)
_UNIX = re.compile(r"(1\d{9})(?:\.\d+|\d{3})?")
_DAY_ZONE = re.compile(r"(\d{4}-\d\d-\d\d)(Z|[+-]\d\d:\d\d)")
_RFC822 = re.compile(r"[A-Za-z]{3,9}, \d{1,2} [A-Za-z]{3,9} (?:\d\d){1,2} \d{1,2}:\d\d(?::\d\d)? [A-Z]{3}")
_EPOCHS = (datetime(1900, 1, 1, tzinfo=UTC), datetime(1904, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC))
"""Where spreadsheets, old Macs and Unix begin to count: a zero, in whatever zone, is no date."""

_A_DAY = timedelta(days=1)

_FILLER_WORDS = (
    "at on the and um am den der uhr a las el la les à le du alle ore às kl kl. klo klokken om o godz godz. "
    "\u0433 \u0433. \u0432 - / hrs h"
)
_FILLERS = frozenset(_FILLER_WORDS.split())
"""Words that join a day and a time and say nothing else."""


def instant(text: object) -> datetime | None:
    """The instant in UTC that `text` names and nothing else; None where it is no text, or there is more, or none.

    `07/03/2025` may be either day, and is none. A day alone is its midnight, and what names no zone is taken as UTC. A zone's name that means several gives None.
    Never raises.
    """
    stamp = " ".join(text.split()) if isinstance(text, str) else ""
    if not stamp or len(stamp) > MAX_CHARACTERS:
        return None
    try:
        return _whole(stamp)
    except (NoInstantError, OverflowError):  # the latter where an offset leads out of the years 1 to 9999
        return None


def published(text: object) -> datetime | None:
    """`instant(text)` where it may be when something was published, and not what stands for "no date" in many systems."""
    at = instant(text)
    return at if at and 1900 <= at.year <= 2100 and not any(abs(at - epoch) <= _A_DAY for epoch in _EPOCHS) else None


def iso8601(text: str) -> datetime | None:
    """The instant in UTC that `text` names in ISO 8601's form, for those whom we tell which form to use; else None."""
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def in_prose(text: str) -> datetime | None:
    """The first date in `text` and the time of day after it, in UTC; None where there is none. Never raises.

    A date of digits and slashes is read with the month first only where the day cannot be.
    """
    text = text[:MAX_PROSE_CHARACTERS]
    for _, end, day in days.find(text):
        try:
            return clocks.at(day, clocks.find(clocks.extended(text[end - 1 :])[1:], in_prose=True))
        except (NoInstantError, OverflowError):
            return None
    return None


def before(text: str) -> str:
    """What stands before the first date; all of `text` where there is none."""
    return next((text[:start] for start, _, _ in days.find(text[:MAX_PROSE_CHARACTERS])), text)


def _whole(stamp: str) -> datetime | None:
    if match := _UNIX.fullmatch(stamp):
        return datetime.fromtimestamp(int(match[1]), UTC)
    stamp = clocks.extended(_COMPACT_DAY.sub(_extended, stamp, count=1))
    if match := _DAY_ZONE.fullmatch(stamp):
        day = days.whole(match[1], fillers=_FILLERS)
        east = zone(match[2])
        return datetime(day.year, day.month, day.day, tzinfo=east).astimezone(UTC) if day and east else None
    clock = clocks.find(stamp, is_rfc822=bool(_RFC822.fullmatch(stamp)))
    rest = f"{stamp[: clock.start]} {stamp[clock.end :]}" if clock else stamp
    day = days.whole(rest, fillers=_FILLERS)
    return clocks.at(day, clock) if day else None


def _extended(match: re.Match[str]) -> str:
    """Digits alone, `20250703T120000`, as ISO 8601 writes them apart."""
    year, month, day, hour, minute, second = match.groups()
    return f"{year}-{month}-{day}" + (f"T{hour}:{minute}:{second or '00'}" if hour else "")
