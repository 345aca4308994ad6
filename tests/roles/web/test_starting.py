from __future__ import annotations

import aiohttp
import pytest

from wiredesk.database import Database
from wiredesk.roles.web import server
from wiredesk.roles.web.server import Gate


@pytest.mark.parametrize(
    ("accept", "said"), [("application/json", '"detail":"starting: database"'), ("text/html", "wiredesk is starting")]
)
async def test_who_asks_a_process_that_still_starts_is_told_so(desk: Database, accept: str, said: str) -> None:
    waiting_for = ["database"]
    app = server.build(healths=(), database=desk, gate=Gate(), secret="s", waiting_for=lambda: waiting_for[0])

    async with (
        server.listening(app, host="127.0.0.1", port=0) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers={"Accept": accept}) as session,
    ):
        async with session.get("/feeds") as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
            assert said in await answer.text()
        async with session.get("/livez") as answer:
            assert answer.status == 200
        waiting_for[0] = ""
        async with session.get("/") as answer:
            assert answer.status == 200
