"""A new version rolled out: every replica ended by SIGTERM in turn, two a role, while news come in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.faults.ledger import alerting, check, check_alerts, until_alerted, until_drained
from tests.faults.press import Press
from tests.faults.replicas import ONE_EACH, replicas
from tests.pipeline.running import ROLES, environment, wiredesk
from tests.web import Site

pytestmark = pytest.mark.servers

LOT = 12
EXIT_SECONDS = 25.0
SECONDS = ("pages-1", "notify-1")
TWO_EACH = tuple(f"{role}-{number}" for role in ROLES for number in range(2))


@pytest.mark.parametrize(
    ("names", "restarted"),
    [
        ((*ONE_EACH, *SECONDS), ("pages-0", "notify-0")),
        pytest.param(TWO_EACH, TWO_EACH, marks=pytest.mark.faults),
    ],
    ids=["two", "all"],
)
async def test_a_rolling_restart_loses_nothing_and_alerts_nobody_twice(
    servers: dict[str, str], home: Path, tmp_path: Path, names: Sequence[str], restarted: Sequence[str]
) -> None:
    async with Site() as site:
        press = Press(site=site)
        env = environment(home, **servers, WIREDESK_HOST_GAP="0.05s", **alerting(site, tmp_path))
        for command in ("topics", "database"):
            assert (await wiredesk(command, "apply", env=env)).status == 0
        ends = {}
        async with replicas(env, tmp_path, names) as desk:
            for number, name in enumerate(restarted):
                feed = press.lot(range(number * LOT, (number + 1) * LOT))
                assert (await wiredesk("feeds", "add", feed, env=env)).status == 0
                await until_alerted(site, len(press.articles) - LOT // 2)  # half of the lot is on its way

                ends[name] = await desk.end(name)
                await desk.start(name)

                await desk.until_ready()
            await until_alerted(site, len(press.articles))
            await until_drained(env)
        assert {status for status, _ in ends.values()} == {0}, ends
        assert max(seconds for _, seconds in ends.values()) <= EXIT_SECONDS, ends
        await check(env, press)
        assert check_alerts(site, press) == 0
        print(f"\n{len(ends)} restarts, the longest exit {max(seconds for _, seconds in ends.values()):.1f} s")
