"""Who may read."""

from __future__ import annotations

import pytest

from tests.roles.web.api import serving
from wiredesk.database import Database
from wiredesk.roles.web.server import Gate

CLOSED = ["/api/items", "/api/items/a1", "/api/stories", "/api/stream", "/api/openapi.json", "/", "/nowhere"]


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer other", "Basic c2VjcmV0", "c2VjcmV0", "Bearer c2VjcmV0x", "Bearer \udcff"]
)
async def test_without_the_token_nothing_is_told(path: str, given: str, desk: Database) -> None:
    async with serving(desk, gate=Gate(token="c2VjcmV0")) as api:
        answer = await api.ask(path, headers={"Authorization": given} if given else None)

        assert (answer.status, answer.headers["WWW-Authenticate"].partition(" ")[0]) == (401, "Basic")
        assert answer.headers["WWW-Authenticate"].endswith(", Bearer")
        assert answer.json["title"] == "Unauthorized"


@pytest.mark.parametrize(("path", "offered"), [("/rows?since_id=0", "Bearer"), ("/rules/dams.atom", "Basic")])
async def test_a_script_of_the_console_is_offered_nothing_that_opens_a_dialog(
    path: str, offered: str, desk: Database
) -> None:
    async with serving(desk, gate=Gate(token="c2VjcmV0")) as api:
        answer = await api.ask(path, headers={"Sec-Fetch-Mode": "cors"})

    assert answer.headers["WWW-Authenticate"].partition(" ")[0] == offered


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
async def test_with_the_token_everything_is(scheme: str, desk: Database) -> None:
    async with serving(desk, gate=Gate(token="c2VjcmV0")) as api:
        assert (await api.ask("/api/items", headers={"Authorization": f"{scheme} c2VjcmV0"})).status == 200


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
async def test_health_and_metrics_want_no_token(path: str, desk: Database) -> None:
    async with serving(desk, gate=Gate(token="c2VjcmV0")) as api:
        assert (await api.get(path)).status == 200


async def test_without_a_database_there_is_health_alone() -> None:
    async with serving(None) as api:
        assert (await api.get("/livez")).status == 200
        assert (await api.get("/api/items")).status == 404
