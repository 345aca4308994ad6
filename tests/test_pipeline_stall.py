"""The watchdog: it ends a member that hangs, and nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from tests.bus.backends import PATIENCE
from tests.bus.desk import NOW, Desk, Items, passing
from wiredesk.bus import Lag
from wiredesk.bus.sqlite import SqliteBus
from wiredesk.bus.watch import Stalled, tell
from wiredesk.errors import Unavailable
from wiredesk.fates import Fate

pytest_plugins = ("tests.bus.fixtures",)


class Looked(SqliteBus):
    """A log that tells when its lag has been looked at often."""

    def __init__(self, path: Path, *, often: int) -> None:
        super().__init__(path)
        self._left, self.often = often, asyncio.Event()

    async def lag(self, topics: Sequence[str], *, group: str) -> Sequence[Lag]:
        self._left -= 1
        if self._left <= 0:
            self.often.set()
        return await super().lag(topics, group=group)


async def test_a_member_that_hangs_while_records_wait_ends(desk: Desk) -> None:
    desk.stall = timedelta(seconds=0.2)
    await desk.give("1")

    async def stage(items: Items) -> Sequence[Fate]:
        await asyncio.Event().wait()
        return []

    with pytest.raises(ExceptionGroup) as raised:
        async with desk.running(stage):
            await asyncio.Event().wait()

    assert raised.group_contains(Stalled)


async def test_waiting_for_a_dependency_is_no_stall_nor_is_standing_by_meanwhile(desk: Desk, tmp_path: Path) -> None:
    path, stall = tmp_path / "log.sqlite", timedelta(seconds=0.1)
    await desk.give("1")
    started, is_back = asyncio.Event(), asyncio.Event()

    async def stage(items: Items) -> Sequence[Fate]:
        started.set()
        if not is_back.is_set():
            raise Unavailable("connection refused", dependency="database")
        return await passing(items)

    async with (
        asyncio.timeout(PATIENCE),
        Looked(path, often=12) as active,
        Looked(path, often=12) as standby,
        Desk(bus=active, log=desk.log, stall=stall).running(stage),
    ):
        await started.wait()
        async with Desk(bus=standby, log=desk.log, stall=stall).running():
            await active.often.wait()
            await standby.often.wait()
            is_back.set()
            await desk.arrive("unique", 1)

    assert await desk.settled() == {"unique": ["1"], "dead": []}


async def test_an_idle_member_never_stalls(desk: Desk, tmp_path: Path) -> None:
    async with Looked(tmp_path / "log.sqlite", often=12) as bus:
        idle = Desk(bus=bus, log=desk.log, stall=timedelta(seconds=0.1))
        async with idle.running():
            await bus.often.wait()


async def test_what_waits_for_a_role_is_told_while_it_hangs(desk: Desk, tmp_path: Path) -> None:
    await desk.give("1", "2")

    async def stage(items: Items) -> Sequence[Fate]:
        await looked.often.wait()
        return await passing(items)

    async with (
        Looked(tmp_path / "log.sqlite", often=2) as looked,
        Desk(bus=looked, log=desk.log, stall=timedelta(seconds=2)).running(stage),
    ):
        await looked.often.wait()

    assert gauge("wiredesk_lag_records", topic="collected") == 2
    assert gauge("wiredesk_lag_seconds", topic="collected") > 0


def test_lag_is_the_sum_over_partitions_and_the_age_of_the_oldest_record_of_all() -> None:
    rows = [
        Lag(topic="t.unique", partition=n, committed=0, head=n, oldest_at=NOW - timedelta(seconds=n) if n else None)
        for n in range(3)
    ]
    tell(rows, role="dedupe", topics=["t.unique", "t.quiet"], now=NOW)
    assert (gauge("wiredesk_lag_records", topic="unique"), gauge("wiredesk_lag_seconds", topic="unique")) == (3, 2)
    assert (gauge("wiredesk_lag_records", topic="quiet"), gauge("wiredesk_lag_seconds", topic="quiet")) == (0, 0)

    tell(
        [Lag(topic="t.unique", partition=0, committed=0, head=9, oldest_at=None)],
        role="dedupe",
        topics=["t.unique"],
        now=NOW,
    )
    assert gauge("wiredesk_lag_seconds", topic="unique") == 2  # an age that did not come in time is not 0


def gauge(name: str, *, topic: str) -> float:
    value = REGISTRY.get_sample_value(name, {"role": "dedupe", "topic": topic})
    assert value is not None
    return value
