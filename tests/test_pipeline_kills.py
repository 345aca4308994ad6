"""Real processes of one role, killed with SIGKILL one after the other under load."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import cycle
from subprocess import DEVNULL, PIPE

import pytest

from tests.bus.backends import Log, browsed, spec
from tests.bus.desk import Desk, ids_of
from wiredesk.bus import Consumed

pytest_plugins = ("tests.bus.fixtures",)
pytestmark = pytest.mark.faults

RECORDS = 10_000
BATCH = 50
EVERY = 500
"""New outputs between two kills."""

INSTANCES = ("a", "b", "c")
PATIENCE = 180.0


class Crew:
    """Workers by instance: each killed one is replaced under its own name."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._workers: dict[str, asyncio.subprocess.Process] = {}
        self.kills = 0

    async def start(self, instance: str) -> None:
        worker = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.bus.worker",
            self._log.url,
            self._log.prefix,
            instance,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=DEVNULL,
        )
        self._workers[instance] = worker
        assert worker.stdout is not None
        assert await worker.stdout.readline() == b"ready\n"  # from here on it heeds SIGTERM

    async def replace(self, instance: str) -> None:
        self._workers[instance].kill()
        await self._workers[instance].wait()
        self.kills += 1
        await self.start(instance)

    async def end(self) -> Sequence[int]:
        for worker in self._workers.values():
            if worker.returncode is None:
                worker.terminate()
        return [await worker.wait() for worker in self._workers.values()]


@asynccontextmanager
async def crew_of(log: Log) -> AsyncIterator[Crew]:
    crew = Crew(log)
    try:
        for instance in INSTANCES:
            await crew.start(instance)
        yield crew
    finally:
        await crew.end()


async def test_no_kill_loses_a_record_or_turns_the_order_of_a_key(log: Log) -> None:
    async with AsyncExitStack() as stack:
        bus = await stack.enter_async_context(log.open())
        desk = Desk(bus=bus, log=log)
        await bus.apply([spec(desk.topic(name)) for name in ("collected", "unique", "dead")])
        names = [f"{number:05}" for number in range(RECORDS)]
        crew = await stack.enter_async_context(crew_of(log))

        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
            tasks.create_task(_publish(desk, names))
            await _kill_until_all_are_out(desk, crew, set(names))

        assert crew.kills >= RECORDS // EVERY // 2
        assert await crew.end() == [0] * len(INSTANCES)
        assert await desk.waiting() == 0
        assert await browsed(bus, desk.topic("dead")) == []
        _assert_in_order(await browsed(bus, desk.topic("unique")))


async def _publish(desk: Desk, names: Sequence[str]) -> None:
    for start in range(0, len(names), BATCH):
        await desk.give(*names[start : start + BATCH])


async def _kill_until_all_are_out(desk: Desk, crew: Crew, wanted: set[str]) -> None:
    victims, seen, killed_at = cycle(INSTANCES), set[str](), 0
    async with desk.bus.subscribe([desk.topic("unique")], group=f"{desk.log.prefix}.counter") as subscription:
        async for batch in subscription:
            seen |= set(ids_of(batch))
            if seen >= wanted:
                return
            if len(seen) - killed_at >= EVERY:
                killed_at = len(seen)
                await crew.replace(next(victims))


def _assert_in_order(out: Sequence[Consumed]) -> None:
    """In each partition the first time of each record comes in the order in which they were given."""
    for partition in {one.partition for one in out}:
        first = list(dict.fromkeys(ids_of([one for one in out if one.partition == partition])))
        assert first == sorted(first)
