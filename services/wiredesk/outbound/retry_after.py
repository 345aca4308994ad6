"""The header by which servers say when to come back (RFC 9110, section 10.2.3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


def retry_after(headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """How long to stay away, never negative; None where nothing or nothing legible is said.

    A date is compared with the server's own `Date`, as clocks differ.
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return timedelta(seconds=min(int(value[:9]), 10**9))
    until = _date(value)
    if until is None:
        return None
    return max(timedelta(), until - (_date(headers.get("date", "")) or now))


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
