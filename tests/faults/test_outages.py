"""Redis, PostgreSQL or the broker away while the roles work: nothing is lost, and all is well again by itself."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.ledger import alerting, check, check_alerts, dead, until_alerted, until_drained
from tests.faults.press import Press
from tests.faults.replicas import replicas
from tests.pipeline.items import following
from tests.pipeline.running import environment, wiredesk
from tests.servers import CannotStart, Server
from tests.servers.kafka import Kafka
from tests.servers.postgres import Postgres
from tests.servers.valkey import Valkey
from tests.web import Site

pytestmark = pytest.mark.servers

LOTS, LOT = 4, 12
LONG = float(os.environ.get("WIREDESK_TEST_POISON_SECONDS", "180"))
"""As long as the outages with poison in the batches."""

MORE = range(900, 904)
"""Articles that come after the outage."""

KINDS: dict[str, type[Server]] = {"redis": Valkey, "database": Postgres, "broker": Kafka}


@pytest.fixture(scope="module")
def own() -> Iterator[dict[str, Server]]:
    """Servers that these tests may take away."""
    with ExitStack() as stack:
        try:
            yield {name: stack.enter_context(kind()) for name, kind in KINDS.items()}
        except CannotStart as error:
            pytest.skip(str(error))


@pytest.mark.faults
@pytest.mark.parametrize(
    ("which", "seconds"), [("redis", 4), *((name, long) for name in KINDS for long in (10, 75, LONG))]
)
async def test_a_server_that_is_away_for_a_while_costs_nothing_but_time(
    own: dict[str, Server], home: Path, tmp_path: Path, prefix: str, which: str, seconds: float
) -> None:
    env = settings(own, home, prefix)
    await outage(env, tmp_path, take=own[which].stop, give=own[which].start, seconds=seconds)


@pytest.mark.faults
@pytest.mark.parametrize("which", KINDS)
async def test_a_server_that_falls_silent_and_closes_nothing_costs_nothing_but_time(
    own: dict[str, Server], home: Path, tmp_path: Path, prefix: str, which: str
) -> None:
    env = settings(own, home, prefix)
    await outage(env, tmp_path, take=own[which].freeze, give=own[which].thaw, seconds=20)


def settings(own: dict[str, Server], home: Path, prefix: str) -> dict[str, str]:
    """Of a run on those servers."""
    return environment(
        home,
        WIREDESK_PREFIX=prefix,
        WIREDESK_BUS_URL=own["broker"].url,
        WIREDESK_STATE_URL=own["redis"].url,
        WIREDESK_DATABASE_URL=own["database"].url,
        WIREDESK_KAFKA_PARTITIONS="3",
        WIREDESK_KAFKA_REPLICATION="1",
        WIREDESK_KAFKA_SESSION="6s",
        WIREDESK_LEASE="3s",
        WIREDESK_HOST_GAP="0.05s",
    )


async def outage(
    env: dict[str, str], folder: Path, *, take: Callable[[], None], give: Callable[[], None], seconds: float
) -> None:
    """News come in; a server is taken for so long, or until a role says that it is not ready; nothing is lost."""
    async with Site() as site:
        press = Press(site=site)
        env |= alerting(site, folder)
        for command in ("topics", "database"):
            assert (await wiredesk(command, "apply", env=env)).status == 0
        async with replicas(env, folder) as desk:
            feeds = [press.lot(range(lot * LOT, (lot + 1) * LOT)) for lot in range(LOTS)]
            assert (await wiredesk("feeds", "add", *feeds, env=env)).status == 0
            async with following(env) as tail:  # a command ends when the database goes, unlike a role
                await tail.until_count(LOT)

            await asyncio.to_thread(take)
            began = time.monotonic()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(desk.until_any_is_not_ready())
                tasks.create_task(asyncio.sleep(seconds))  # the length of the fault itself
            away = time.monotonic() - began
            assert desk.ended() == {}
            await asyncio.to_thread(give)

            back = await desk.until_ready()
            assert (await wiredesk("feeds", "add", press.lot(MORE), env=env)).status == 0
            await until_alerted(site, len(press.articles))
            await until_drained(env)
        await check(env, press)
        assert len(await dead(env)) == len(press.dead)
        print(f"\naway for {away:.0f} s: all ready {back:.1f} s after, {check_alerts(site, press)} alerts twice")
