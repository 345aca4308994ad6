"""A second replica of every consumer that comes and goes for a minute: the groups rebalance all the time, and nothing is lost."""

from __future__ import annotations

import asyncio
import itertools
import time
from pathlib import Path

import pytest

from tests.faults.ledger import HOOK, alerting, check, check_alerts, until_alerted, until_drained
from tests.faults.press import Press
from tests.faults.replicas import Replicas, replicas
from tests.pipeline.running import environment, wiredesk
from tests.web import Site

pytestmark = [pytest.mark.servers, pytest.mark.faults]

SECONDS = 60.0
LOT = 12
SECONDS_OF_EACH = tuple(f"{role}-1" for role in ("pages", "dedupe", "geotag", "store", "notify"))


async def test_replicas_that_come_and_go_lose_nothing(servers: dict[str, str], home: Path, tmp_path: Path) -> None:
    async with Site() as site:
        press = Press(site=site)
        env = environment(home, **servers, WIREDESK_HOST_GAP="0.05s", **alerting(site, tmp_path))
        for command in ("topics", "database"):
            assert (await wiredesk(command, "apply", env=env)).status == 0
        async with replicas(env, tmp_path) as desk:
            async with asyncio.TaskGroup() as tasks:
                storm = tasks.create_task(come_and_go(desk, time.monotonic() + SECONDS))
                lots = itertools.count()
                while not storm.done():
                    first = next(lots) * LOT
                    assert (await wiredesk("feeds", "add", press.lot(range(first, first + LOT)), env=env)).status == 0
                    await asyncio.wait({storm}, timeout=5)  # the pace of the load itself
            rounds, during, ended = storm.result(), site.count(HOOK), time.monotonic()

            await until_alerted(site, len(press.articles))
            caught_up = time.monotonic() - ended
            await desk.until_ready()
            await until_drained(env)
        await check(env, press)
        print(
            f"\n{rounds} rounds, {during} of {len(press.articles)} alerts meanwhile, the last {caught_up:.1f} s after, "
            f"{check_alerts(site, press)} alerts twice"
        )


async def come_and_go(desk: Replicas, until: float) -> int:
    """Start the second replicas and, once they are ready, end them, by turns with manners and without; how often."""
    for rounds in itertools.count():
        if time.monotonic() > until:
            return rounds
        for name in SECONDS_OF_EACH:
            await desk.start(name)
        await desk.until_ready(SECONDS_OF_EACH)
        for name in SECONDS_OF_EACH:
            if rounds % 2:
                process = desk.running.pop(name)
                process.kill()
                await process.wait()
            else:
                assert (await desk.end(name))[0] == 0
    raise AssertionError
