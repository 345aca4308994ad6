"""How long a publisher wants to be left alone, as the answer and the document say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from wiredesk.documents.feed import Hints

_MAX_AGE = re.compile(r"\bmax-age\s*=\s*\"?(\d{1,9})")


def from_headers(headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """Cache-Control max-age minus Age, else Expires; None where nothing, or no caching, is said (RFC 9111)."""
    control = headers.get("cache-control", "").lower()
    if "no-cache" in control or "no-store" in control:
        return None
    if match := _MAX_AGE.search(control):
        age = headers.get("age", "").strip()
        seconds = int(match[1]) - (int(age) if age.isascii() and age.isdigit() and len(age) < 10 else 0)
        return timedelta(seconds=seconds) if seconds > 0 else None
    expires = _date(headers.get("expires", ""))
    left = expires - (_date(headers.get("date", "")) or now) if expires else timedelta()
    return left if left > timedelta() else None


def longest(headers: Mapping[str, str], document: Hints, *, now: datetime) -> timedelta | None:
    """The longest wish of headers, `ttl` and `sy:updatePeriod`; None where there is none."""
    wishes = (from_headers(headers, now=now), document.ttl, document.update_period)
    return max((wish for wish in wishes if wish), default=None)


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
