"""Names of months and days of the week, in the languages of the press."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

LANGUAGES = (
    "en",
    "de",
    "fr",
    "es",
    "it",
    "pt",
    "nl",
    "pl",
    "cs",
    "sk",
    "sv",
    "da",
    "nb",
    "fi",
    "hu",
    "ro",
    "hr",
    "sl",
    "ca",
    "tr",
    "id",
    "vi",
    "el",
    "ru",
    "uk",
    "bg",
    "sr",
    "et",
    "lv",
    "lt",
    "ar",
    "fa",
    "he",
    "hi",
)

MIN_CHARACTERS = 3
"""Shorter abbreviations are words of other meaning somewhere."""

_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

ENGLISH: Mapping[str, int] = MappingProxyType(
    {name: number for number, name in enumerate(_MONTHS, 1)}
    | {name[:3]: number for number, name in enumerate(_MONTHS, 1)}
    | {"sept": 9}
)
ENGLISH_DAYS = frozenset(_DAYS) | {name[:3] for name in _DAYS} | {"tues", "wednes", "thur", "thurs", "weds"}


def month(name: str) -> int:
    """The number of the month of that name or abbreviation; 0 where there is none, or more than one."""
    folded = name.casefold().rstrip(".")
    # English first: the tables of the others take a tenth of a second, and most dates are written for machines.
    return ENGLISH.get(folded) or _months().get(folded, 0)


def is_weekday(name: str) -> bool:
    """Whether `name` is a day of the week, abbreviated or not."""
    folded = name.casefold().rstrip(".")
    return folded in ENGLISH_DAYS or folded in _weekdays()


@cache
def _months() -> Mapping[str, int]:
    """A name that means two months in two languages (`listopad`) is left out."""
    from babel import Locale

    numbers: dict[str, set[int]] = {}
    for language in LANGUAGES:
        months = Locale(language).months
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in months[context][width].items():
                    numbers.setdefault(name.casefold().rstrip("."), set()).add(number)
    return {name: each.pop() for name, each in numbers.items() if len(each) == 1 and len(name) >= MIN_CHARACTERS}


@cache
def _weekdays() -> frozenset[str]:
    from babel import Locale

    return frozenset(
        name.casefold().rstrip(".")
        for language in LANGUAGES
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated", "short")
        for name in Locale(language).days[context].get(width, {}).values()
    )
