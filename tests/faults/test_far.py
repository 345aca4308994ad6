"""Servers that answer late, each a fifth of a second for a round trip: slower, and nothing is lost, told twice or given up."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.faults.ledger import alerting, check, check_alerts, dead, until_alerted, until_drained
from tests.faults.press import Press
from tests.faults.replicas import replicas
from tests.pipeline.running import environment, wiredesk
from tests.servers.far import far
from tests.web import Site

pytestmark = [pytest.mark.servers, pytest.mark.faults]

LOT = 12
EACH_WAY = 0.1


@pytest.mark.parametrize("which", ["WIREDESK_STATE_URL", "WIREDESK_DATABASE_URL"])
async def test_a_server_far_away_costs_time_alone(
    servers: dict[str, str], home: Path, tmp_path: Path, which: str
) -> None:
    port = urlsplit(servers[which]).port or 0
    async with Site() as site, far(port, seconds=EACH_WAY) as line:
        press = Press(site=site)
        env = environment(home, **servers, WIREDESK_HOST_GAP="0.05s", **alerting(site, tmp_path))
        env.pop("WIREDESK_LEASE")  # that of tests with kills is shorter than a transaction is here
        for command in ("topics", "database"):
            assert (await wiredesk(command, "apply", env=env)).status == 0
        env[which] = servers[which].replace(f":{port}", f":{line}")
        async with replicas(env, tmp_path) as desk:
            assert (await wiredesk("feeds", "add", press.lot(range(LOT)), env=env)).status == 0
            await until_alerted(site, len(press.articles))
            assert await desk.not_ready() == set()
            await until_drained(env)
        await check(env, press)
        assert len(await dead(env)) == len(press.dead)
        assert check_alerts(site, press) == 0
