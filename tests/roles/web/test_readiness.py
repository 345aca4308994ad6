"""To whom `/readyz` tells why something is away: reasons name hosts and files of ours."""

from __future__ import annotations

import pytest

from tests.roles.web.api import serving
from wiredesk.database import Database
from wiredesk.observe import Health
from wiredesk.roles.web.health import UNTOLD
from wiredesk.roles.web.server import Gate

WHY = "postgresql://db/news: connection refused"
TOKEN = "a token that nobody guesses"


async def reason_for(desk: Database, forwarded_for: str, gate: Gate) -> object:
    """What `/readyz` tells of a database that is away to who asks here, or through a proxy here."""
    health = Health("web")
    health.lost("database", WHY)
    headers = {"X-Forwarded-For": forwarded_for} if forwarded_for else {}
    async with serving(desk, gate=gate, healths=[health]) as api:
        answer = await api.ask("/readyz", headers=headers)
    assert (answer.status, answer.json["ready"]) == (503, False)
    return answer.json["down"]["web"]["database"]


@pytest.mark.parametrize("gate", [Gate(), Gate(token=TOKEN)], ids=["no token", "a token"])
@pytest.mark.parametrize("forwarded_for", ["", "127.0.0.1", "::1, 127.0.0.1"])
async def test_who_asks_on_this_machine_is_told_the_reason(desk: Database, forwarded_for: str, gate: Gate) -> None:
    assert await reason_for(desk, forwarded_for, gate) == WHY


@pytest.mark.parametrize("gate", [Gate(), Gate(token=TOKEN)], ids=["no token", "a token"])
@pytest.mark.parametrize("forwarded_for", ["203.0.113.9", "127.0.0.1, 203.0.113.9", "2001:db8::1, ::1", "unknown", ","])
async def test_who_asks_through_a_proxy_on_this_machine_is_told_what_is_away_and_not_why(
    desk: Database, forwarded_for: str, gate: Gate
) -> None:
    assert await reason_for(desk, forwarded_for, gate) == UNTOLD
