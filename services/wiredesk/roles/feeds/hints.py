"""How long a publisher asks us to wait before the next poll, by the answer's headers and the document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from wiredesk.documents.feed import Hints
from wiredesk.outbound.dates import left_until

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
    left = left_until(headers.get("expires", ""), headers, now=now)
    return left if left is not None and left > timedelta() else None


def longest(headers: Mapping[str, str], document: Hints, *, now: datetime) -> timedelta | None:
    """The longest wish of headers, `ttl` and `sy:updatePeriod`; None where there is none."""
    wishes = (from_headers(headers, now=now), document.ttl, document.update_period)
    return max((wish for wish in wishes if wish), default=None)
