"""Clients that mean no good to the process `web`, and what it makes of them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.contracts.samples import NOW, an_article
from wiredesk.database import open_database

HALF = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n"
READERS = (
    b"GET /api/items?limit=500 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /api/stream?since_id=0 HTTP/1.1\r\nHost: localhost\r\n\r\n",
)
"""A page, and a stream from the beginning."""

LARGE = "storm " * 130_000
"""0.8 MB: near the most that a record holds."""

CONTAINER_BYTES = 384 * 1024 * 1024
"""The limit of `web` in k8s/base."""


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """How many come at once, and how many large items are stored."""

    half_open: int
    slow: int
    readers: int
    items: int


async def store_large(url: str, number: int, *, schema: str) -> None:
    """Store so many items of 0.8 MB."""
    async with open_database(url, schema=schema) as database:
        for name in range(number):
            await database.items.put([an_article(f"large{name:04}", text=LARGE)], now=NOW)


@contextmanager
def gathered(address: str, crowd: Crowd) -> Iterator[Sequence[socket.socket]]:
    """Within, they are all connected, have sent what they send, and read nothing."""
    sent = [b""] * crowd.half_open + [HALF] * crowd.slow
    sent += [READERS[number % len(READERS)] for number in range(crowd.readers)]
    wires: list[socket.socket] = []
    host, _, port = address.rpartition(":")
    try:
        for request in sent:
            wire = socket.create_connection((host, int(port)), timeout=10)
            wires.append(wire)
            if request:
                wire.sendall(request)
        yield wires
    finally:
        for wire in wires:
            with closing(wire):
                pass


async def asked(session: aiohttp.ClientSession, address: str, path: str, *, patience: float) -> int:
    """The status of an answer that came whole in time."""
    async with asyncio.timeout(patience), session.get(f"http://{address}{path}") as answer:
        await answer.read()
        return answer.status


def peak_bytes(pid: int) -> int:
    """The most memory that the process has had."""
    status = Path(f"/proc/{pid}/status").read_text()
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])
