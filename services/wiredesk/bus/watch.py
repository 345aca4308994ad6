"""Finds a member of a group that hangs: a client may stop for good when brokers restart, and says nothing then."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from wiredesk.bus import Bus, Lag, Subscription
from wiredesk.errors import Unavailable, WiredeskError

LOOKS_A_STALL = 4


class Stalled(WiredeskError):
    """Records wait and nothing has been committed for too long: only a fresh start helps."""


async def watch(
    bus: Bus, subscription: Subscription, *, topics: Sequence[str], group: str, stall: timedelta,
    moved_at: Callable[[], float], is_excused: Callable[[], bool],
) -> None:  # fmt: skip
    """Raise `Stalled` when records wait for this member and nothing has moved for `stall`.

    It moves when its commits do, its partitions do, or `moved_at` (monotonic seconds) does; it is excused while it
    waits for a dependency, and has nothing to move while it stands by or the log does not answer.
    """
    seen: object = None
    since = time.monotonic()
    while True:
        await asyncio.sleep(stall.total_seconds() / LOOKS_A_STALL)
        try:
            rows = _mine(await bus.lag(topics, group=group), subscription)
        except Unavailable:
            rows = []
        waiting = sum(row.records for row in rows)
        now_seen = [(row.topic, row.partition, row.committed) for row in rows]
        if is_excused() or now_seen != seen or not waiting:
            seen, since = now_seen, time.monotonic()
        still = time.monotonic() - max(since, moved_at())
        if still > stall.total_seconds():
            raise Stalled(f"{group}: {waiting} records wait and nothing moved for {still:.0f} s")


def _mine(rows: Sequence[Lag], subscription: Subscription) -> list[Lag]:
    """Those of the partitions that come to this member; all while that is not settled, since that may hang as well."""
    held = subscription.held()
    return [row for row in rows if held is None or (row.topic, row.partition) in held]
