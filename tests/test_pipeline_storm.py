"""A role that is killed at any instant and starts again: nothing is lost, whatever the order of events."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bus.backends import Log
from tests.bus.desk import Desk, Items, passing
from wiredesk.bus import Consumed, Record, Subscription, sqlite_group
from wiredesk.bus.sqlite import SqliteBus
from wiredesk.fates import Fate

INSTANTS = ("in the stage", "before publish", "between publish and commit", "after commit")


class Killed(BaseException):
    """The process is gone; nothing may catch this."""


class Mortal(SqliteBus):
    """The log of a process that is killed at the `left`-th time that it comes to `instant`."""

    def __init__(self, path: Path, instant: str, left: int) -> None:
        super().__init__(path)
        self._instant, self._left = instant, left
        self.idle = asyncio.Event()

    def at(self, instant: str) -> None:
        if instant == self._instant:
            self._left -= 1
            if self._left == 0:
                raise Killed

    async def publish(self, records: Sequence[Record]) -> None:
        self.at("before publish")
        await super().publish(records)

    @asynccontextmanager
    async def subscribe(self, topics: Sequence[str], *, group: str) -> AsyncIterator[Subscription]:
        async with super().subscribe(topics, group=group) as subscription:
            commit = subscription.commit

            async def mortally(batch: Sequence[Consumed]) -> None:
                self.at("between publish and commit")
                await commit(batch)
                self.at("after commit")
                if not any(row.records for row in await self.lag(topics, group=group)):
                    self.idle.set()

            subscription.commit = mortally  # type: ignore[method-assign]
            yield subscription


lives = st.lists(
    st.tuples(st.lists(st.integers(0, 9), max_size=6), st.sampled_from(INSTANTS), st.integers(1, 3)), max_size=8
)


@settings(max_examples=25, deadline=None)
@given(lives=lives, last=st.lists(st.integers(0, 9), max_size=6))
def test_nothing_is_lost_whenever_the_role_is_killed(lives: list[tuple[list[int], str, int]], last: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite_group, "MAX_BATCH_RECORDS", 3)  # so that a life has several
        asyncio.run(_storm(Path(folder), lives, last))


async def _storm(folder: Path, lives: list[tuple[list[int], str, int]], last: list[int]) -> None:
    path = folder / "log.sqlite"
    given_names: list[str] = []
    async with SqliteBus(path) as bus:
        desk = Desk(bus=bus, log=Log(url=f"sqlite:///{path}", prefix="t"))

        async def give(numbers: Sequence[int]) -> None:
            for number in numbers:
                given_names.append(f"{number}.{len(given_names)}")
                await desk.give(given_names[-1])

        for numbers, instant, left in lives:
            await give(numbers)
            await _live(desk, path, instant, left)
        await give([*last, 0])
        await _live(desk, path, "never", 1)

        out = await desk.settled()
        assert out["dead"] == []
        assert list(dict.fromkeys(out["unique"])) == given_names  # each at least once, first seen in order


async def _live(desk: Desk, path: Path, instant: str, left: int) -> None:
    """The role runs until it is killed, or nothing waits."""

    async def stage(items: Items) -> Sequence[Fate]:
        mortal.at("in the stage")
        return await passing(items)

    try:
        async with Mortal(path, instant, left) as mortal, desk.running(stage, bus=mortal):
            if await desk.waiting():
                await mortal.idle.wait()
    except BaseExceptionGroup as group:
        if not group.subgroup(Killed):
            raise
