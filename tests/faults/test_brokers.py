"""Three brokers, each killed in turn while the roles work: the other two go on, and nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.ledger import alerting, check, check_alerts, until_alerted, until_drained
from tests.faults.press import Press
from tests.faults.replicas import replicas
from tests.pipeline.running import environment, wiredesk
from tests.servers import CannotStart
from tests.servers.cluster import Cluster
from tests.web import Site

pytestmark = [pytest.mark.servers, pytest.mark.faults]

LOT = 12


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with ExitStack() as stack:
        try:
            running = stack.enter_context(Cluster())
        except CannotStart as error:
            pytest.skip(str(error))
        yield running


async def test_any_broker_of_three_may_die(
    cluster: Cluster, redis_url: str, postgres_url: str, prefix: str, home: Path, tmp_path: Path
) -> None:
    async with Site() as site:
        press = Press(site=site)
        env = environment(
            home,
            WIREDESK_PREFIX=prefix,
            WIREDESK_BUS_URL=cluster.url,
            WIREDESK_STATE_URL=redis_url,
            WIREDESK_DATABASE_URL=postgres_url,
            WIREDESK_KAFKA_PARTITIONS="3",
            WIREDESK_KAFKA_SESSION="6s",
            WIREDESK_LEASE="3s",
            WIREDESK_HOST_GAP="0.05s",
            **alerting(site, tmp_path),
        )
        for command in ("topics", "database"):
            assert (await wiredesk(command, "apply", env=env)).status == 0
        async with replicas(env, tmp_path) as desk:
            for number, broker in enumerate(cluster.brokers):
                feed = press.lot(range(number * LOT, (number + 1) * LOT))
                assert (await wiredesk("feeds", "add", feed, env=env)).status == 0
                await until_alerted(site, len(press.articles) - LOT // 2)  # half of the lot is on its way

                await asyncio.to_thread(broker.kill)

                await until_alerted(site, len(press.articles))
                await asyncio.to_thread(broker.start)
            await desk.until_ready()
            await until_drained(env)
        await check(env, press)
        print(f"\n{len(press.articles)} articles, {check_alerts(site, press)} alerts twice")
