"""Clocks that jump by an hour and back while news come in: nothing is lost, told twice, or left for an hour."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.faults import clock
from tests.faults.ledger import alerting, check, check_alerts, until_alerted, until_drained
from tests.faults.press import Press
from tests.faults.replicas import ONE_EACH, replicas
from tests.pipeline.running import wiredesk
from tests.web import Site

LOT = 8
HOUR = 3600.0
COMMANDS = "commands"
AHEAD, BOTH = (HOUR, 0.0), (HOUR, 0.0, -HOUR, 0.0)

WHOSE = {
    "feeds": (("feeds-0",), AHEAD),  # one that is behind polls the feeds that others add when its own clock says so
    "pages": (("pages-0",), BOTH),
    "notify": (("notify-0",), BOTH),
    "all": ((*ONE_EACH, COMMANDS), BOTH),
}


@pytest.mark.faults
@pytest.mark.parametrize(("names", "jumps"), WHOSE.values(), ids=WHOSE)
async def test_a_clock_that_jumps_loses_nothing_and_delays_nothing(
    env: dict[str, str], tmp_path: Path, names: Sequence[str], jumps: Sequence[float]
) -> None:
    async with Site() as site:
        press, feeds = Press(site=site), []
        clocks = tmp_path / "clocks"
        clocks.mkdir()
        env |= alerting(site, tmp_path) | {"WIREDESK_HOST_GAP": "0.05s", clock.FOLDER: str(clocks)}
        env["WIREDESK_INSTANCE"] = COMMANDS  # replicas have their own
        for command in ("topics", "database"):
            assert (await wiredesk(command, "apply", env=env)).status == 0
        async with replicas(env, tmp_path, command=clock.COMMAND) as desk:
            for number, seconds in enumerate(jumps):
                feeds.append(press.lot(range(number * LOT, (number + 1) * LOT)))
                added = await wiredesk("feeds", "add", feeds[-1], env=env, command=clock.COMMAND)
                assert added.status == 0, added.err
                await until_alerted(site, len(press.articles) - LOT // 2)  # half of the lot is on its way

                for name in names:
                    clock.move(clocks, name, seconds)

                await until_alerted(site, len(press.articles))
            await desk.until_ready()
            await until_drained(env)
        await check(env, press)
        assert check_alerts(site, press) == 0
        # An hour passes twice at the most, in which each of them is due once.
        polls = [site.count(feed.removeprefix(site.url)) for feed in feeds]
        assert max(polls) <= 1 + sum(later > earlier for earlier, later in zip((0.0, *jumps), jumps, strict=False))
