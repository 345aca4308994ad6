"""Dates in HTTP headers (RFC 9110, section 5.6.7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from wiredesk.text.dates import instant


def left_until(value: str, headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """Time from the answer to the date `value`, negative once past; None where it is no date.

    Measured from the server's own `Date`, as clocks differ; from `now` where it gives none.
    """
    until = instant(value)
    return until - (instant(headers.get("date", "")) or now) if until else None
