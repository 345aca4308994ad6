"""Days of the calendar as people write them: `2013/12/28`, `3. Juli 2025`, `Oct 7 2022`, `5 de enero de 2020`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from wiredesk.text.months import is_weekday, month

_YEAR = r"((?:19|20)\d\d)"
_ORDINAL = r"(\d{1,2})(?:st|nd|rd|th|er|[.ºª])?"
_WORD = r"([^\W\d_]{3,})"
_YEAR_FIRST = re.compile(rf"\b{_YEAR}\s?[-/.年년]\s?(\d{{1,2}})\s?[-/.月월]\s?(\d{{1,2}})(?!\d)[日일.]?")
_YEAR_MONTH_DAY = re.compile(rf"\b{_YEAR}[-.,]?\s?{_WORD}[-.,]?\s?(\d{{1,2}})(?!\d)\.?")
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})\.\s?(\d{{1,2}})\.?,?\s?{_YEAR}\b\.?")
_SLASHED = re.compile(rf"\b(\d{{1,2}})([/-])(\d{{1,2}})\2{_YEAR}\b")
_DAY_MONTH = re.compile(rf"\b{_ORDINAL}[\s-]?(?:de |d['\u2019]|of )?\s?{_WORD}\.?,?[\s.-](?:de |del )?{_YEAR}\b\.?")
_MONTH_DAY = re.compile(rf"\b{_WORD}\.?[\s-]{_ORDINAL},?\s{_YEAR}\b\.?")
_SHORT_YEAR = re.compile(r"\b(\d{1,2})[\s-]([A-Za-z]{3,9})[\s-](\d\d)\b")
_WEEK = re.compile(rf"\b{_YEAR}-?W(\d\d)-?([1-7])\b")
_PUNCTUATION = re.compile(r"[\s,;|@·•\u2013\u2014()]+")

Groups = Sequence[str]


def find(text: str) -> Iterator[tuple[int, int, date]]:
    """Where a day begins and ends in `text`, and which it is: the surest form first."""
    for pattern, read in _FORMS:
        for match in pattern.finditer(text):
            if day := _day(read, match.groups()):
                yield match.start(), match.end(), day


def whole(text: str, *, fillers: frozenset[str]) -> date | None:
    """The day that `text` names and nothing else but a day of the week and `fillers`; None where there is more, or none."""
    tokens = [token for token in _PUNCTUATION.split(text) if token and token.casefold() not in fillers]
    attempts = [tokens]
    attempts += [tokens[1:]] if len(tokens) > 1 and is_weekday(tokens[0]) else []
    attempts += [tokens[:-1]] if len(tokens) > 1 and is_weekday(tokens[-1]) else []
    for attempt in attempts:
        if day := _exactly(" ".join(attempt)):
            return day
    return None


def _exactly(text: str) -> date | None:
    for pattern, read in (*_SURE_FORMS, (_SLASHED, _surely_slashed), (_SHORT_YEAR, _short_year)):
        match = pattern.fullmatch(text)
        if match and (day := _day(read, match.groups())):
            return day
    return None


def _day(read: Callable[[Groups], date | None], groups: Groups) -> date | None:
    try:
        return read(groups)
    except ValueError:  # 31 February
        return None


def _slashed(groups: Groups) -> date | None:
    """The month first only where the day cannot be: most of the world, and of what people see, has the day first."""
    first, _, second, year = groups
    day, month_number = (second, first) if int(second) > 12 else (first, second)
    return date(int(year), int(month_number), int(day))


def _surely_slashed(groups: Groups) -> date | None:
    """None where either number may be the month: what a machine wrote so is a wrong day for half of its readers."""
    first, _, second, _ = groups
    return _slashed(groups) if int(first) > 12 or int(second) > 12 or int(first) == int(second) else None


def _short_year(groups: Groups) -> date | None:
    # RFC 2822, section 4.3, for the dates of RFC 822 and 850.
    day, name, year = groups
    return date(int(year) + (2000 if int(year) < 50 else 1900), month(name), int(day))


_SURE_FORMS: tuple[tuple[re.Pattern[str], Callable[[Groups], date | None]], ...] = (
    (_YEAR_FIRST, lambda groups: date(int(groups[0]), int(groups[1]), int(groups[2]))),
    (_WEEK, lambda groups: date.fromisocalendar(int(groups[0]), int(groups[1]), int(groups[2]))),
    (_DAY_FIRST, lambda groups: date(int(groups[2]), int(groups[1]), int(groups[0]))),
    (_DAY_MONTH, lambda groups: date(int(groups[2]), month(groups[1]), int(groups[0]))),
    (_MONTH_DAY, lambda groups: date(int(groups[2]), month(groups[0]), int(groups[1]))),
    (_YEAR_MONTH_DAY, lambda groups: date(int(groups[0]), month(groups[1]), int(groups[2]))),
)
_FORMS = (*_SURE_FORMS, (_SLASHED, _slashed))
