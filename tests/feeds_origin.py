"""An origin of many feeds in a process of its own, on many loopback addresses: each is a site with turns of its own."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import sys
from types import TracebackType
from typing import Self

import aiohttp

from tests.servers import free_port

FEEDS, SITES, ITEMS = 1_000, 250, 30
WORDS = 170
"""In an item's text, so that a feed has some 40 KB."""

_WORDS = (
    "the harbour council said on Monday that a bridge over the river will open again after months of repairs".split()
)


class Origin:
    """The feeds' server as seen by the bench."""

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.feeds_origin", stdout=asyncio.subprocess.PIPE
        )
        assert self._process.stdout is not None
        self._port = int(await self._process.stdout.readline())
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._session.close()
        self._process.terminate()
        await self._process.wait()

    @property
    def urls(self) -> list[str]:
        """Every feed."""
        return [f"http://127.0.1.{1 + number % SITES}:{self._port}/{number}.rss" for number in range(FEEDS)]

    async def change(self, part: float) -> None:
        """From now on that part of the answers holds a new item; the count of polls goes on."""
        await self._ask(f"change?{part}")

    async def polls(self) -> int:
        """How many polls were answered."""
        return int((await self._ask("polls"))["polls"])

    async def _ask(self, what: str) -> dict[str, int]:
        async with self._session.get(f"http://127.0.0.1:{self._port}/{what}") as response:
            answer: dict[str, int] = json.loads(await response.read())
            return answer


class _Feeds:
    def __init__(self) -> None:
        self.part, self.polls = 0.0, 0
        self._newest = [0] * FEEDS
        self._random = random.Random(1)
        text = random.Random(2)
        self._texts = [" ".join(text.choices(_WORDS, k=WORDS)) for _ in range(ITEMS * 4)]

    def answer(self, number: int, etag: bytes) -> tuple[bytes, bytes]:
        """Body and ETag; the body is empty where the asker has it."""
        self.polls += 1
        if self._random.random() < self.part:
            self._newest[number] += 1
        newest = self._newest[number]
        ours = b'"%d-%d"' % (number, newest)
        return (b"" if etag == ours else self._body(number, newest)), ours

    def _body(self, number: int, newest: int) -> bytes:
        return "".join(
            (
                f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Paper {number}</title>',
                f"<link>https://paper-{number}.example/</link><description>News</description>",
                *(self._item(number, newest + ITEMS - place) for place in range(ITEMS)),
                "</channel></rss>",
            )
        ).encode()

    def _item(self, number: int, serial: int) -> str:
        text = self._texts[(number * 7 + serial) % len(self._texts)]
        mark = hashlib.sha256(f"{number} {serial}".encode()).hexdigest()[:12]
        return (
            f"<item><title>Bridge {mark} opens</title><link>https://paper-{number}.example/news/{serial}-{mark}</link>"
            f"<guid>{mark}</guid><pubDate>Mon, 02 Nov 2026 08:{serial % 60:02d}:00 GMT</pubDate>"
            f"<description>&lt;p&gt;{text}&lt;/p&gt;</description></item>\n"
        )


class _Server(asyncio.Protocol):
    def __init__(self, feeds: _Feeds) -> None:
        self._feeds, self._buffer = feeds, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head, self._buffer = self._buffer[:end], self._buffer[end + 4 :]
            self._transport.write(self._answered(head))  # type: ignore[attr-defined]

    def _answered(self, head: bytes) -> bytes:
        first, *rest = head.split(b"\r\n")
        path = first.split()[1].decode()
        if not path.endswith(".rss"):
            if path.startswith("/change?"):
                self._feeds.part = float(path.partition("?")[2])
            return _message(b"200 OK", json.dumps({"polls": self._feeds.polls}).encode(), b"")
        sent = {name.lower(): value for name, _, value in (line.partition(b": ") for line in rest)}
        body, etag = self._feeds.answer(int(path[1:-4]), sent.get(b"if-none-match", b""))
        return _message(b"200 OK" if body else b"304 Not Modified", body, etag)


def _message(status: bytes, body: bytes, etag: bytes) -> bytes:
    return (
        b"HTTP/1.1 %s\r\nContent-Type: application/rss+xml\r\nETag: %s\r\nContent-Length: %d\r\n\r\n"
        % (status, etag, len(body))
    ) + body


async def _serve() -> None:
    feeds = _Feeds()
    port, hosts = free_port(), ["127.0.0.1", *(f"127.0.1.{1 + number}" for number in range(SITES))]
    server = await asyncio.get_running_loop().create_server(lambda: _Server(feeds), hosts, port)
    print(port, flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
