"""Reports the lag of a role, and notices a member that hangs.

A client may stop for good when brokers restart, and says nothing then.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from wiredesk.bus import Bus, Lag, Subscription
from wiredesk.errors import Unavailable, WiredeskError
from wiredesk.observe import LAG_RECORDS, LAG_SECONDS, Health, log
from wiredesk.stop import Stop

_log = log(__name__)

LOGS = frozenset({"bus", "kafka"})
"""What health calls the log."""

READING = "reading"
"""Who reports to health that the log could not be read."""

LOOKS_A_STALL = 4

LOOK = timedelta(seconds=15)
"""The longest time between two looks: a scraper of every 15 to 60 s sees a lag while it grows."""


class Stalled(WiredeskError):
    """Records wait and nothing has been committed for too long: only a fresh start helps."""


async def watch(
    bus: Bus,
    subscription: Subscription,
    *,
    health: Health,
    topics: Sequence[str],
    group: str,
    stall: timedelta,
    moved_at: Callable[[], float],
) -> None:
    """Raise `Stalled` when records wait for this member and nothing has moved for `stall`.

    A member moves when its commits, its partitions or `moved_at` (monotonic seconds) change. It is excused while its
    work waits for a dependency, a log that refuses writes included. It has nothing to move while it stands by, or
    while the log does not answer, which health reports.
    """
    seen: object = None
    since = time.monotonic()
    while True:
        rows = await _looked(bus, subscription, health=health, topics=topics, group=group)
        waiting = sum(row.records for row in rows or ())
        if rows is not None and not waiting:
            health.found(*LOGS, by=READING)  # no record will come and show that reading is possible again
        now_seen = [(row.topic, row.partition, row.committed) for row in rows or ()]
        if _is_excused(health) or now_seen != seen or not waiting:
            seen, since = now_seen, time.monotonic()
        still = time.monotonic() - max(since, moved_at())
        if still > stall.total_seconds():
            raise Stalled(f"{group}: {waiting} records wait and nothing moved for {still:.0f} s")
        await asyncio.sleep(min(LOOK, stall / LOOKS_A_STALL).total_seconds())


def _is_excused(health: Health) -> bool:
    """Whether the work waits for a dependency. A log that cannot be read is no excuse: that read may be what hangs."""
    return any(name not in LOGS or health.reporters(name) - {None, READING} for name in health.down)


async def _looked(
    bus: Bus, subscription: Subscription, *, health: Health, topics: Sequence[str], group: str
) -> Sequence[Lag] | None:
    """Report the role's lag; the rows of this member's partitions, None while the log does not answer."""
    try:
        rows = await bus.lag(topics, group=group)
    except Unavailable as error:
        # A consumer without anything to read waits on quietly, and a log that is away has nothing to read.
        health.lost(error.dependency, str(error))
        return None
    missing = sorted(set(topics) - {row.topic for row in rows})
    if missing:
        # Only Kafka has topics that can be missing: an embedded log makes them as they are written to.
        health.lost("kafka", f"topic {missing[0]} is missing: `wiredesk topics apply`")
    else:
        health.found(*LOGS)
    tell(rows, role=health.role, topics=topics, now=datetime.now(UTC))
    return _mine(rows, subscription)


class Onlooker:
    """Reports the lag of groups that have no member in this process: a role that is gone cannot report its own.

    A log that does not answer is not the onlooker's dependency: the gauges keep their last values meanwhile.
    """

    def __init__(self, bus: Bus, groups: Mapping[str, Sequence[str]], *, prefix: str, every: timedelta = LOOK) -> None:
        self._bus, self._prefix, self._every = bus, prefix, every
        self._groups = {role: [f"{prefix}.{name}" for name in names] for role, names in groups.items()}

    async def run(self, stop: Stop) -> None:
        """Until `stop` is asked for."""
        while not stop.asked:
            for role, topics in self._groups.items():
                await self._look(role, topics)
            await stop.unless(asyncio.sleep(self._every.total_seconds()))

    async def _look(self, role: str, topics: Sequence[str]) -> None:
        try:
            rows = await self._bus.lag(topics, group=f"{self._prefix}.{role}")
        except Unavailable as error:
            _log.debug("lag.unknown", group=role, error=str(error))
        else:
            tell(rows, role=role, topics=topics, now=datetime.now(UTC))


def tell(rows: Sequence[Lag], *, role: str, topics: Sequence[str], now: datetime) -> None:
    """Set the gauges of a role: records of all partitions together, and the age of the oldest."""
    records, oldest = dict.fromkeys(topics, 0), defaultdict[str, list[datetime]](list)
    for row in rows:
        records[row.topic] += row.records
        if row.records and row.oldest_at is not None:
            oldest[row.topic].append(row.oldest_at)
    for topic, waiting in records.items():
        name = topic.rpartition(".")[2]
        LAG_RECORDS.labels(role, name).set(waiting)
        if oldest[topic] or not waiting:  # an age that did not come in time is not an age of 0
            age = now - min(oldest[topic], default=now)
            LAG_SECONDS.labels(role, name).set(max(0.0, age.total_seconds()))


def _mine(rows: Sequence[Lag], subscription: Subscription) -> list[Lag]:
    """The rows of this member's partitions; all rows while the assignment is not settled, since that may hang too."""
    held = subscription.held()
    return [row for row in rows if held is None or (row.topic, row.partition) in held]
