"""The watchdog: it ends a member that hangs, and nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from tests.bus.backends import PATIENCE
from tests.bus.desk import Desk, Items, passing
from wiredesk.bus import Lag
from wiredesk.bus.sqlite import SqliteBus
from wiredesk.bus.watch import Stalled
from wiredesk.errors import Unavailable
from wiredesk.pipeline import Fate

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
