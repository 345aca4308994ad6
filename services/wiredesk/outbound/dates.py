"""Dates in HTTP headers (RFC 9110, section 5.6.7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


def left_until(value: str, headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """Time from the answer to the date `value`, negative once past; None where it is no date.

    Measured from the server's own `Date`, as clocks differ; from `now` where it gives none.
    """
    until = _date(value)
    return until - (_date(headers.get("date", "")) or now) if until else None


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
