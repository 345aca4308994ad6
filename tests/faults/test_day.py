"""A day of news at the pace of its busiest minutes: nothing is lost. WIREDESK_TEST_DAY_SECONDS says how much of it."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.ledger import alerting, check, check_alerts, dead, until_alerted, until_drained
from tests.faults.press import Press
from tests.faults.replicas import replicas
from tests.pipeline.running import wiredesk
from tests.web import Site

SECONDS = float(os.environ.get("WIREDESK_TEST_DAY_SECONDS", "600"))
A_SECOND = 25
LOT, HOSTS = 150, 10
EVERY = LOT / A_SECOND
BEHIND = 1_200.0
"""Seconds that a machine which cannot keep up may take for the rest."""


@pytest.mark.faults
async def test_a_day_is_told_whole(env: dict[str, str], tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        # A host is asked two things at once at most, so one alone has no such day.
        sites = [await stack.enter_async_context(Site(f"127.0.{number}.1")) for number in range(1, HOSTS + 1)]
        site, press = sites[0], Press(site=sites[0])
        env |= alerting(site, tmp_path)
        for meant_for_kills in ("WIREDESK_FETCHERS", "WIREDESK_LEASE"):
            env.pop(meant_for_kills, None)
        for command in ("topics", "database"):
            assert (await wiredesk(command, "apply", env=env)).status == 0
        async with replicas(env, tmp_path) as desk:
            began = time.monotonic()
            for number in range(max(1, round(SECONDS / EVERY))):
                paper = replace(press, site=sites[number % HOSTS])  # of the same ledger
                feed = paper.lot(range(number * LOT, (number + 1) * LOT))
                assert (await wiredesk("feeds", "add", feed, env=env)).status == 0
                await asyncio.sleep(began + (number + 1) * EVERY - time.monotonic())  # the pace of the load itself
            served = time.monotonic()
            await until_alerted(site, len(press.articles), within=BEHIND)
            behind = time.monotonic() - served
            await until_drained(env)
            assert await desk.not_ready() == set()
        await check(env, press)
        assert len(await dead(env)) == len(press.dead)
        assert check_alerts(site, press) == 0
        print(f"\n{len(press.articles)} articles in {served - began:.0f} s, the last alert {behind:.1f} s later")
