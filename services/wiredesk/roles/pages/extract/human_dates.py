"""Dates as people read them on pages: `8. Dezember 2010 um 10:56`, `26 abril 2022 a las 14:02`, `2013/12/28 10:28`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "cs", "sk", "sv", "da", "nb", "fi", "hu", "ro", "hr", "sl", "ca", "tr",
             "id", "vi", "el", "ru", "uk", "bg", "sr", "et", "lv", "lt", "ar", "fa", "he", "hi")  # fmt: skip

_YEAR_FIRST = re.compile(r"\b((?:19|20)\d\d)\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)")
_DAY_FIRST = re.compile(r"\b(\d{1,2})\.\s?(\d{1,2})\.?,?\s?((?:19|20)\d\d)\b")
_SLASHED = re.compile(r"\b(\d{1,2})/(\d{1,2})/((?:19|20)\d\d)\b")
_ORDINAL = r"(\d{1,2})(?:st|nd|rd|th|er|[.ºª])?"
_DAY_MONTH = re.compile(
    rf"\b{_ORDINAL}\s?(?:de |d['\u2019]|of )?\s?([^\W\d_]{{3,}})\.?,?\s(?:de |del )?((?:19|20)\d\d)\b"
)
_MONTH_DAY = re.compile(rf"\b([^\W\d_]{{3,}})\.?\s{_ORDINAL},?\s((?:19|20)\d\d)\b")
_CLOCK = re.compile(r"\b(\d{1,2})(?::|h|\.(?=\d\d\s?Uhr))([0-5]\d)(?::([0-5]\d))?\s?([ap])?(?:\.?m\b)?", re.IGNORECASE)


def instant(text: str) -> datetime | None:
    """The first date in `text` and the clock time after it, as UTC; None where there is none.

    A date of digits and slashes is read with the month first only where the day cannot be.
    """
    found = _first(text)
    return found[1] if found else None


def before(text: str) -> str:
    """What stands before the first date; all of `text` where there is none."""
    found = _first(text)
    return text[: found[0]] if found else text


def _first(text: str) -> tuple[int, datetime] | None:
    """Where a date begins and what it is."""
    for pattern, read in (
        (_YEAR_FIRST, lambda a, b, c: (a, b, c)),
        (_DAY_FIRST, lambda a, b, c: (c, b, a)),
        (_DAY_MONTH, lambda a, b, c: (c, _month(b), a)),
        (_MONTH_DAY, lambda a, b, c: (c, _month(a), b)),
        (_SLASHED, _slashed),
    ):
        for match in pattern.finditer(text):
            if at := _at(*read(*match.groups()), clock=text[match.end() :]):
                return match.start(), at
    return None


def _slashed(first: str, second: str, year: str) -> tuple[str, str, str]:
    return (year, first, second) if int(second) > 12 else (year, second, first)


def _at(year: str, month: str, day: str, *, clock: str) -> datetime | None:
    found = _CLOCK.search(clock)
    hour, minute, second, half = found.groups() if found else ("0", "0", "0", None)
    try:
        hours = int(hour) % 12 + 12 * (half in "pP") if half else int(hour)
        return datetime(int(year), int(month), int(day), hours, int(minute), int(second or 0), tzinfo=UTC)
    except ValueError:
        return None


def _month(name: str) -> str:
    return str(_months().get(name.casefold().rstrip("."), 0))


@cache
def _months() -> dict[str, int]:
    """Number of a month by its names and abbreviations; a name that means two months in two languages is left out."""
    # Not at import: the tables take a tenth of a second, and most pages give machines a date.
    from babel import Locale

    found: dict[str, set[int]] = {}
    for language in LANGUAGES:
        months = Locale(language).months
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in months[context][width].items():
                    found.setdefault(name.casefold().rstrip("."), set()).add(number)
    return {name: numbers.pop() for name, numbers in found.items() if len(numbers) == 1 and len(name) >= 3}
