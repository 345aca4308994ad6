"""Instants as publishers write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from dateutil import parser

MAX_DATE_CHARACTERS = 80

_DOTTED = re.compile(r"\d{1,2}\.\s?\d{1,2}\.")
_DATE = re.compile(r"\b(?:19|20)\d\d\b")


def instant(text: str | None) -> datetime | None:
    """`text` as an aware UTC instant; None where it is none. Without an offset it is taken as UTC.

    Takes RFC 3339 and ISO 8601, RFC 2822, and English dates that name a year.
    """
    text = " ".join((text or "").split())
    if not text or len(text) > MAX_DATE_CHARACTERS:
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime, _loose):
        try:
            return _aware(read(text))
        except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
            continue
    return None


def _aware(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _loose(text: str) -> datetime:
    if not _DATE.search(text):
        raise ValueError(f"no year in {text!r}")
    value = parser.parse(
        text.replace(" at ", " "), fuzzy=False, dayfirst=bool(_DOTTED.match(text)),
        default=datetime(2000, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    assert isinstance(value, datetime)
    return value
