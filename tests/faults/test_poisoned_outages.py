"""A dependency goes away for minutes with poison records in the batch in hand: a crash loop would be a bug of ours, waiting is not.

`WIREDESK_TEST_POISON_SECONDS` says for how long: 6 s, and 180 s in `make faults`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from tests.bus.backends import PATIENCE, SESSION, Log, spec
from tests.bus.desk import Desk, Items, at_work, judged
from tests.contracts.samples import an_article
from tests.servers import Server
from tests.servers.kafka import Kafka
from tests.servers.postgres import Postgres
from tests.servers.valkey import Valkey
from wiredesk.bus.kafka import KafkaBus
from wiredesk.bus.kafka_options import KafkaOptions
from wiredesk.database import open_database
from wiredesk.failures import CulpritLimit
from wiredesk.fates import Fate, Passed
from wiredesk.state.redis import RedisState

pytest_plugins = ("tests.bus.fixtures",)
pytestmark = pytest.mark.servers

SECONDS = float(os.environ.get("WIREDESK_TEST_POISON_SECONDS", "180"))
LENGTHS = [6.0, pytest.param(SECONDS, marks=pytest.mark.faults)]
POISON = [f"poison {n}" for n in range(CulpritLimit().in_a_row - 1)]
GOOD = ["1", "2", "3"]

Effect = Callable[[Sequence[str]], Awaitable[None]]


async def through_an_outage(desk: Desk, server: Server, effect: Effect, *, seconds: float) -> None:
    """A batch with poison is in hand when `server` goes; after it is back, poison is dead and the rest has passed."""
    is_away = asyncio.Event()

    async def stage(items: Items) -> Sequence[Fate]:
        if not is_away.is_set():
            await asyncio.to_thread(server.stop)
            is_away.set()
        if any(item.value.id in POISON for item in items):
            raise KeyError("poison")
        await effect([item.value.id for item in items])
        return [Passed(outputs=[judged(item.value)]) for item in items]

    await desk.give(*POISON, *GOOD)
    async with at_work(desk.step, stage, desk.bus, health=desk.health, patience=seconds + PATIENCE):
        await is_away.wait()
        await asyncio.sleep(seconds)  # the length of the fault itself
        assert desk.health.down
        await asyncio.to_thread(server.start)
        await desk.arrive("unique", len(GOOD))
        await desk.arrive("dead", len(POISON))
        await desk.health.until(lambda: not desk.health.down)

    out = await desk.settled()
    assert (sorted(out["unique"]), sorted(out["dead"])) == (GOOD, POISON)


@pytest.mark.parametrize("seconds", LENGTHS)
async def test_a_store_that_goes_away_under_a_batch_with_poison(sqlite_log: Log, prefix: str, seconds: float) -> None:
    with Valkey() as server:
        async with sqlite_log.open() as bus, RedisState(server.url, prefix=prefix) as state:

            async def effect(names: Sequence[str]) -> None:
                for name in names:
                    await state.hosts.take(name, gap=timedelta(seconds=1), patience=timedelta(seconds=1))

            await through_an_outage(Desk(bus=bus, log=sqlite_log), server, effect, seconds=seconds)


@pytest.mark.parametrize("seconds", LENGTHS)
async def test_a_database_that_goes_away_under_a_batch_with_poison(
    sqlite_log: Log, prefix: str, seconds: float
) -> None:
    with Postgres() as server:
        async with sqlite_log.open() as bus, open_database(server.url, schema=prefix) as database:

            async def effect(names: Sequence[str]) -> None:
                await database.items.put([an_article(name) for name in names], now=datetime.now(UTC))

            await through_an_outage(Desk(bus=bus, log=sqlite_log), server, effect, seconds=seconds)
            assert len(await database.items.after(0, limit=10)) == len(GOOD)


@pytest.mark.parametrize("seconds", LENGTHS)
async def test_a_broker_that_goes_away_under_a_batch_with_poison(prefix: str, seconds: float) -> None:
    quick = {"broker.session.timeout.ms": "1500", "broker.heartbeat.interval.ms": "300"}
    with Kafka(settings=quick) as server:
        bus = KafkaBus(
            [server.bootstrap],
            options=KafkaOptions(session=SESSION),
            client="test",
            instance="a",
            patience=timedelta(seconds=3),
        )
        desk = Desk(bus=bus, log=Log(url=server.url, prefix=prefix))

        async def effect(names: Sequence[str]) -> None:
            await bus.check()

        async with bus:
            await bus.apply([spec(desk.topic(name), partitions=1) for name in ("collected", "unique", "dead")])
            await through_an_outage(desk, server, effect, seconds=seconds)
