"""The brokers go away under a role at work, and come back."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence
from datetime import timedelta

import pytest

from tests.bus.backends import PATIENCE, SESSION, Log, spec
from tests.bus.desk import Desk, Items, Told, passing
from tests.servers.kafka import Kafka
from wiredesk.bus.kafka import KafkaBus
from wiredesk.bus.kafka_options import KafkaOptions
from wiredesk.fates import Fate

pytestmark = pytest.mark.servers

QUICK = {"broker.session.timeout.ms": "1500", "broker.heartbeat.interval.ms": "300"}


class Watched(Told):
    """Tells when something is away, and when all is there again."""

    def __init__(self) -> None:
        super().__init__("dedupe")
        self.is_red, self.is_green = asyncio.Event(), asyncio.Event()

    def forget(self) -> None:
        """A slow broker may have been away once before the test takes it away."""
        self.is_red.clear()
        self.is_green.clear()

    def lost(self, dependency: str, why: str, *, by: Hashable = None) -> None:
        super().lost(dependency, why, by=by)
        self.is_red.set()

    def found(self, *dependencies: str, by: Hashable = None) -> None:
        super().found(*dependencies, by=by)
        if self.is_red.is_set() and not self.down:
            self.is_green.set()


async def test_a_broker_killed_under_a_batch_costs_a_repetition_and_no_record(kafka_url: str, prefix: str) -> None:
    names = [f"{n}" for n in range(30)]
    with Kafka(settings=QUICK) as server:
        bus = KafkaBus(
            [server.bootstrap],
            options=KafkaOptions(session=SESSION),
            client="test",
            instance="a",
            patience=timedelta(seconds=3),
        )
        health = Watched()
        desk = Desk(bus=bus, log=Log(url=server.url, prefix=prefix), health=health)
        is_killed = asyncio.Event()

        async def stage(items: Items) -> Sequence[Fate]:
            if not is_killed.is_set():
                await asyncio.to_thread(server.kill)
                health.forget()
                is_killed.set()
            return await passing(items)

        async with bus, asyncio.timeout(PATIENCE):
            await bus.apply([spec(desk.topic(name), partitions=2) for name in ("collected", "unique", "dead")])
            await desk.give(*names)
            async with desk.running(stage):
                await is_killed.wait()
                await health.is_red.wait()
                assert list(health.down) == ["kafka"]
                await asyncio.to_thread(server.start)
                await health.is_green.wait()
                await desk.arrive("unique", len(names))

            out = await desk.settled()
            assert set(out["unique"]) == set(names)
            assert out["dead"] == []
            assert health.down == {}


async def test_a_role_without_anything_to_do_tells_that_the_brokers_are_away_and_back(prefix: str) -> None:
    with Kafka(settings=QUICK) as server:
        bus = KafkaBus(
            [server.bootstrap],
            options=KafkaOptions(session=timedelta(seconds=30)),
            client="test",
            instance="a",
            patience=timedelta(seconds=3),
        )
        health = Watched()
        desk = Desk(bus=bus, log=Log(url=server.url, prefix=prefix), health=health, stall=timedelta(seconds=2))

        async with bus, asyncio.timeout(PATIENCE):
            await bus.apply([spec(desk.topic(name), partitions=2) for name in ("collected", "unique", "dead")])
            await desk.give("1")
            async with desk.running():
                await desk.arrive("unique", 1)
                await asyncio.to_thread(server.stop)
                health.forget()
                await health.is_red.wait()
                assert list(health.down) == ["kafka"]
                await asyncio.to_thread(server.start)
                await health.is_green.wait()
