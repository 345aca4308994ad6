"""The API as a client meets it: on a free port, over a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import msgspec

from wiredesk.database import Database
from wiredesk.observe import Health
from wiredesk.roles.web import server
from wiredesk.roles.web.follower import StreamLimits

PATIENCE = 10.0
"""Seconds that a test waits before it fails."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def ids(self) -> list[str]:
        return [item["id"] for item in self.json["items"]]


class Api:
    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session, self.url = session, url

    async def get(self, path: str, **given: str) -> Answer:
        return await self.ask(path, given=given)

    async def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        given: Mapping[str, str] | None = None,
    ) -> Answer:
        request = self.session.request(method, f"{self.url}{path}", params=given or None, headers=headers)
        async with asyncio.timeout(PATIENCE), request as response:
            return Answer(status=response.status, headers=response.headers, body=await response.read())

    async def read_to_the_end(self, path: str = "/api/items", **given: str) -> list[str]:
        """The ids of all pages."""
        page = await self.get(path, **given)
        ids = page.ids
        while page.json["next"]:
            page = await self.get(path, **given, cursor=page.json["next"])
            ids += page.ids
        return ids

    @asynccontextmanager
    async def stream(self, *, last: str = "", **given: str) -> AsyncIterator[Stream]:
        headers = {"Last-Event-ID": last} if last else {}
        request = self.session.get(f"{self.url}/api/stream", params=given, headers=headers)
        async with request as response:
            assert response.status == 200, await response.text()
            yield Stream(response)


@dataclass
class Stream:
    """A stream as a browser's EventSource reads it."""

    response: aiohttp.ClientResponse
    last: str = ""
    seen: list[str] = field(default_factory=list)

    async def block(self) -> dict[str, str]:
        """The fields of the next event, empty at the end; comments have no name."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE):
            while line := (await self.response.content.readline()).decode():
                if line == "\n":
                    self.last = fields.get("id", self.last)
                    return fields
                name, _, value = line.rstrip("\n").partition(":")
                fields[name] = value.removeprefix(" ")
        return {}

    async def item(self) -> dict[str, Any]:
        """The next item; EOFError at the end."""
        while fields := await self.block():
            if "data" in fields:
                item: dict[str, Any] = msgspec.json.decode(fields["data"])
                self.seen.append(item["id"])
                return item
        raise EOFError

    async def items(self, number: int) -> list[str]:
        return [(await self.item())["id"] for _ in range(number)]


@asynccontextmanager
async def serving(
    database: Database | None,
    *,
    gate: server.Gate | None = None,
    secret: str = "secret",
    limits: StreamLimits | None = None,
    healths: Sequence[Health] = (),
) -> AsyncIterator[Api]:
    app = server.build(healths=healths, database=database, gate=gate or server.Gate(), secret=secret, limits=limits)
    async with (
        server.listening(app, host="127.0.0.1", port=0) as port,
        # Packed only where a test asks for it, and then to be seen as it came.
        aiohttp.ClientSession(
            auto_decompress=False, headers={"Accept-Encoding": "identity"}, read_bufsize=2**20
        ) as session,
    ):
        yield Api(session, f"http://127.0.0.1:{port}")
