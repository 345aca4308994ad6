from __future__ import annotations

import asyncio
from datetime import timedelta

from prometheus_client import REGISTRY

from tests.bus.desk import Away, Told
from wiredesk.retry import Probe, patiently
from wiredesk.stop import Stop


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


async def test_a_shallow_answer_does_not_overrule_work_that_is_refused() -> None:
    health, refused, stop = Told("store"), Away(1_000), Stop()
    asked = asyncio.Event()

    async def check() -> None:
        asked.set()

    async def write() -> None:
        refused.ask()

    async with asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(patiently(write, health=health))
        await health.until(lambda: "database" in health.down)
        tasks.create_task(Probe(check, dependency="database", health=health, every=timedelta(milliseconds=1)).run(stop))
        for _ in range(20):
            asked.clear()
            await asked.wait()
            assert list(health.down) == ["database"]
            assert _gauge() == 0
        refused.left = 0
        await writing
        assert health.down == {}
        assert _gauge() == 1
        stop.ask()


async def test_what_a_cancelled_call_waited_for_is_not_reported_for_ever() -> None:
    health, refused = Told("store"), Away(1_000)

    async def write() -> None:
        refused.ask()

    async with asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(patiently(write, health=health))
        await health.until(lambda: "database" in health.down)
        writing.cancel()

    assert health.down == {}


def _gauge() -> float | None:
    return REGISTRY.get_sample_value("wiredesk_dependency_up", {"role": "store", "dependency": "database"})
