from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

from tests.bus.desk import Away
from wiredesk.observe import Health
from wiredesk.patience import Probe
from wiredesk.stop import Stop


class Told(Health):
    """Tells of every change."""

    def __init__(self, role: str) -> None:
        super().__init__(role)
        self.changed = asyncio.Event()

    def lost(self, dependency: str, why: str) -> None:
        super().lost(dependency, why)
        self.changed.set()

    def found(self, *dependencies: str) -> None:
        super().found(*dependencies)
        self.changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


async def test_who_has_nothing_to_do_tells_that_a_dependency_is_away_and_back_and_leaves_others_as_they_are() -> None:
    health, away, stop = Told("store"), Away(3), Stop()
    health.lost("kafka", "connection refused")

    async def check() -> None:
        away.ask()

    async with asyncio.TaskGroup() as tasks:
        probe = Probe(check, dependency="database", health=health, every=timedelta(milliseconds=5))
        tasks.create_task(probe.run(stop))
        await health.until(lambda: set(health.down) == {"kafka", "database"})
        await health.until(lambda: set(health.down) == {"kafka"})
        stop.ask()

    assert away.left == 0
