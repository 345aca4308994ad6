"""Every role killed again and again while it works: nothing is lost, nothing is stored twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.ledger import check, until_drained
from tests.faults.press import Press
from tests.faults.storm import supervised
from tests.pipeline.items import following
from tests.pipeline.running import environment, wiredesk
from tests.web import Site

LOTS, LOT = 8, 12
MODES = ["embedded", pytest.param("production", marks=pytest.mark.servers)]


@pytest.fixture(params=MODES)
def env(request: pytest.FixtureRequest, home: Path, prefix: str) -> dict[str, str]:
    if request.param == "embedded":
        return environment(home, WIREDESK_FETCHERS="4", WIREDESK_LEASE="3s")
    return environment(
        home, WIREDESK_PREFIX=prefix, WIREDESK_BUS_URL=request.getfixturevalue("kafka_url"), WIREDESK_FETCHERS="4",
        WIREDESK_STATE_URL=request.getfixturevalue("redis_url"), WIREDESK_KAFKA_PARTITIONS="3",
        WIREDESK_DATABASE_URL=request.getfixturevalue("postgres_url"), WIREDESK_KAFKA_REPLICATION="1",
        WIREDESK_KAFKA_SESSION="6s", WIREDESK_LEASE="3s",
    )  # fmt: skip


@pytest.mark.parametrize("kills", [1, pytest.param(10, marks=pytest.mark.faults)])
async def test_every_role_killed_mid_run_loses_nothing_and_doubles_nothing(
    env: dict[str, str], tmp_path: Path, kills: int
) -> None:
    async with Site() as site:
        press = Press(site=site)
        for command in (("topics", "apply"), ("database", "apply")):
            assert (await wiredesk(*command, env=env)).status == 0
        async with supervised(env, tmp_path, seed=kills) as roles, following(env) as tail:
            for lot in range(min(LOTS, 2 * kills)):
                feed = press.lot(range(lot * LOT, (lot + 1) * LOT))
                assert (await wiredesk("feeds", "add", feed, env=env)).status == 0
            await roles.storm(kills)
            await tail.until_titles(press.articles)
            await until_drained(env)
            statuses = await roles.end()
        assert set(statuses.values()) == {0}, statuses
        await check(env, press)
