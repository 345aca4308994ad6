"""The header by which servers say when to come back (RFC 9110, section 10.2.3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from wiredesk.outbound.dates import left_until


def retry_after(headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """How long to stay away, never negative; None where nothing or nothing legible is said.

    A date is compared with the server's own `Date`, as clocks differ.
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return timedelta(seconds=min(int(value[:9]), 10**9))
    left = left_until(value, headers, now=now)
    return None if left is None else max(timedelta(), left)
