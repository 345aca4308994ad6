"""Weighs failed polls: when to try again, and when to report the feed. No feed dies silently.

| failure                                                  | weight | next try                               |
|----------------------------------------------------------|--------|----------------------------------------|
| name not found, busy (429)                               | 0      | 1 min doubling to 1 h                  |
| timeout, refused, TLS, 5xx, 404, HTML, not a feed        | 0.5    | 5 min doubling to 24 h                 |
| 401, 403, 451, bad URL, not allowed, no secret           | 1      | 30 min doubling to 24 h                |
| 410                                                      | 3      | 6 h, 24 h, then weekly                 |

A weight of 30, or 14 days without success, make a feed dormant: polled weekly for 90 days, then monthly.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from wiredesk.events.kinds import FeedChange

FAILING_AFTER = timedelta(hours=24)
DORMANT_AFTER = timedelta(days=14)
DORMANT_WEIGHT = 30.0
WEEKLY_FOR = timedelta(days=90)
WEEK, MONTH = timedelta(days=7), timedelta(days=30)

_PASSING = frozenset(["dns", "429"])
_REFUSED = frozenset(["401", "403", "451", "bad_url", "not_allowed", "robots", "credentials"])


class Failures(msgspec.Struct, frozen=True, kw_only=True):
    """The failures since the last success; `told` is the last change of health that was published."""

    weight: float = 0.0
    in_a_row: int = 0
    since: datetime | None = None
    dormant_since: datetime | None = None
    reason: str = ""
    told: str = ""


def failed(known: Failures, *, reason: str, now: datetime) -> Failures:
    """`known` with one more; `reason` is that of `FetchFailed`, a status, or `malformed`, `overrun`, `html`."""
    since = known.since or now
    weight = known.weight + _weight(reason)
    is_dormant = weight >= DORMANT_WEIGHT or now - since >= DORMANT_AFTER
    return Failures(
        weight=weight,
        in_a_row=known.in_a_row + 1,
        since=since,
        dormant_since=known.dormant_since or (now if is_dormant else None),
        reason=reason,
        told=known.told,
    )


def change(failures: Failures, *, now: datetime) -> FeedChange | Literal[""]:
    """The change of health to publish now: `failing` after a day, `dormant`, or empty; each is published once."""
    if failures.dormant_since:
        return "dormant" if failures.told != "dormant" else ""
    is_failing = failures.since is not None and now - failures.since >= FAILING_AFTER
    return "failing" if is_failing and not failures.told else ""


def pause(failures: Failures, *, usual: timedelta, now: datetime) -> timedelta:
    """How long to wait after the last failure; `usual` is what the feed's rhythm would ask for."""
    if failures.dormant_since:
        return WEEK if now - failures.dormant_since < WEEKLY_FOR else MONTH
    doublings = max(0, min(failures.in_a_row - 1, 12))
    factor: int = 1 << doublings
    if failures.reason in _PASSING:
        return min(timedelta(minutes=1) * factor, timedelta(hours=1))
    if failures.reason == "410":
        return (timedelta(hours=6), timedelta(hours=24), WEEK)[min(doublings, 2)]
    first = timedelta(minutes=30) if failures.reason in _REFUSED else timedelta(minutes=5)
    return max(usual, min(first * factor, timedelta(hours=24)))


def _weight(reason: str) -> float:
    if reason in _PASSING:
        return 0.0
    if reason == "410":
        return 3.0
    return 1.0 if reason in _REFUSED else 0.5
