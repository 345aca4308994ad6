"""A dependency answers every question and refuses every write while records wait: never green, nobody ends, green soon after.

`WIREDESK_TEST_REFUSED_SECONDS` says for how long it refuses: 6 s, and 300 s in `make faults`.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from prometheus_client import REGISTRY
from redis.asyncio import Redis

from tests.bus.backends import PATIENCE, Log
from tests.bus.desk import Desk, Items, Told, at_work, judged
from tests.contracts.samples import an_article
from tests.servers.postgres import Postgres
from tests.servers.valkey import Valkey
from wiredesk.database import open_database
from wiredesk.events import CollectedArticle, CollectedComment
from wiredesk.fates import Fate, Passed
from wiredesk.pipeline import Step
from wiredesk.retry import Probe
from wiredesk.roles.dedupe.stage import Dedupe
from wiredesk.roles.reads import DEDUPE
from wiredesk.state.redis import RedisState
from wiredesk.stop import Stop

pytest_plugins = ("tests.bus.fixtures",)
pytestmark = pytest.mark.servers

SECONDS = float(os.environ.get("WIREDESK_TEST_REFUSED_SECONDS", "300"))
LENGTHS = [6.0, pytest.param(SECONDS, marks=pytest.mark.faults)]
STALL = timedelta(seconds=2)
GREEN_WITHIN = 20.0
LOOK = 0.05

Switch = Callable[[], Awaitable[object]]


async def refused(
    desk: Desk, *, dependency: str, refuse: Switch, relieve: Switch, seconds: float, check: Switch
) -> None:
    """Records come while `dependency` refuses; `check` asks it as the role's own probe does, and is answered."""
    health, stop = desk.health, Stop()

    async def asked() -> None:
        await check()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(
            Probe(asked, dependency=dependency, health=health, every=timedelta(milliseconds=50)).run(stop)
        )
        await refuse()
        await desk.give("1", "2")
        await health.until(lambda: dependency in health.down)
        greens = []
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            await asyncio.sleep(LOOK)
            await check()
            greens += [time.monotonic()] if dependency not in health.down or _gauge(health, dependency) else []
        assert greens == []
        await relieve()
        async with asyncio.timeout(GREEN_WITHIN):
            while health.down or await desk.waiting():  # noqa: ASYNC110 - the log has no event to wait for
                await asyncio.sleep(LOOK)
        stop.ask()


def _gauge(health: Told, dependency: str) -> float | None:
    return REGISTRY.get_sample_value("wiredesk_dependency_up", {"role": health.role, "dependency": dependency})


def now() -> datetime:
    return datetime.now(UTC)


@pytest.mark.parametrize("seconds", LENGTHS)
@pytest.mark.parametrize("why", ["full", "no rights"])
async def test_a_store_that_refuses_writes_is_never_green_while_records_wait(
    sqlite_log: Log, prefix: str, why: str, seconds: float
) -> None:
    with Valkey() as server:
        async with (
            Redis.from_url(server.url) as admin,
            sqlite_log.open() as bus,
            RedisState(server.url, prefix=prefix) as state,
        ):
            desk = Desk(bus=bus, log=sqlite_log, stall=STALL)

            async def refuse() -> None:
                if why == "full":
                    await admin.config_set("maxmemory", "1")
                else:
                    await admin.acl_setuser("default", enabled=True, nopass=True, reset_keys=True, keys=["other:*"])

            async def relieve() -> None:
                await admin.config_set("maxmemory", "0")
                await admin.acl_setuser("default", enabled=True, nopass=True, reset_keys=True, keys=["*"])

            step: Step[CollectedArticle | CollectedComment] = Step(
                role=desk.step.role, prefix=desk.log.prefix, reads=DEDUPE.topics, accepts=DEDUPE.accepts, stall=STALL
            )
            async with at_work(step, Dedupe(state.seen, now=now), bus, health=desk.health, patience=seconds + PATIENCE):
                await refused(
                    desk, dependency="state", refuse=refuse, relieve=relieve, seconds=seconds, check=state.check
                )
            assert (await desk.settled())["dead"] == []


@pytest.mark.parametrize("seconds", LENGTHS)
async def test_a_database_that_is_read_only_is_never_green_while_records_wait(
    sqlite_log: Log, prefix: str, seconds: float
) -> None:
    with Postgres() as server:
        async with sqlite_log.open() as bus, open_database(server.url, schema=prefix) as database:
            desk = Desk(bus=bus, log=sqlite_log, stall=STALL)

            async def read_only(value: str) -> None:
                admin = await asyncpg.connect(server.url, server_settings={"default_transaction_read_only": "off"})
                await admin.execute(f"ALTER SYSTEM SET default_transaction_read_only = {value}")
                await admin.execute("SELECT pg_reload_conf()")
                await admin.close()

            async def store(items: Items) -> Sequence[Fate]:
                await database.items.put([an_article(item.value.id) for item in items], now=now())
                return [Passed(outputs=[judged(item.value)]) for item in items]

            async with at_work(desk.step, store, bus, health=desk.health, patience=seconds + PATIENCE):
                await refused(
                    desk,
                    dependency="database",
                    refuse=lambda: read_only("on"),
                    relieve=lambda: read_only("off"),
                    seconds=seconds,
                    check=database.check,
                )
            assert await desk.settled() == {"unique": ["1", "2"], "dead": []}
            assert len(await database.items.after(0, limit=10)) == 2
