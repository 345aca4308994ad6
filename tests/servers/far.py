"""A server behind a long line: everything to and from it arrives later, in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

CHUNK = 65_536
MOST_ON_THE_LINE = 1_000
"""Chunks; more are read when these have arrived."""


@asynccontextmanager
async def far(port: int, *, seconds: float) -> AsyncIterator[int]:
    """A loopback port that leads to the one given; each way takes so long."""
    lines: dict[asyncio.Task[None] | None, asyncio.StreamWriter] = {}

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):  # either end went: the other learns it by the close
            there, back = await asyncio.open_connection("127.0.0.1", port)
            lines[asyncio.current_task()] = writer
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(_carry(reader, back, seconds))
                    tasks.create_task(_carry(there, writer, seconds))
            finally:
                back.close()
                writer.close()
                del lines[asyncio.current_task()]

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        server.close()
        for writer in lines.values():
            writer.close()
        if still := [task for task in lines if task]:
            await asyncio.wait(still)


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter, seconds: float) -> None:
    """From one to the other until the first closes."""
    line: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(MOST_ON_THE_LINE)
    now = asyncio.get_running_loop().time

    async def arrive() -> None:
        while True:
            due, chunk = await line.get()
            await asyncio.sleep(due - now())  # the length of the line itself
            if not chunk:
                target.close()
                return
            target.write(chunk)
            await target.drain()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(arrive())
        with suppress(OSError):
            while chunk := await source.read(CHUNK):
                await line.put((now() + seconds, chunk))
        await line.put((now() + seconds, b""))
