"""Every role killed again and again while it works: nothing is lost, nothing is stored twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.ledger import check, until_drained
from tests.faults.press import Press
from tests.faults.replicas import replicas
from tests.faults.storm import storm
from tests.pipeline.items import following
from tests.pipeline.running import wiredesk
from tests.web import Site

LOTS, LOT = 8, 12


@pytest.mark.parametrize("kills", [1, pytest.param(10, marks=pytest.mark.faults)])
async def test_every_role_killed_mid_run_loses_nothing_and_doubles_nothing(
    env: dict[str, str], tmp_path: Path, kills: int
) -> None:
    async with Site() as site:
        press = Press(site=site)
        for command in (("topics", "apply"), ("database", "apply")):
            assert (await wiredesk(*command, env=env)).status == 0
        async with replicas(env, tmp_path) as desk, following(env) as tail:
            for lot in range(min(LOTS, 2 * kills)):
                feed = press.lot(range(lot * LOT, (lot + 1) * LOT))
                assert (await wiredesk("feeds", "add", feed, env=env)).status == 0
            await storm(desk, kills, seed=kills)
            await tail.until_titles(press.articles)
            await until_drained(env)
        await check(env, press)
