"""TLS before a server that is built without it: the packaged Valkey and PostgreSQL are."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

CHUNK = 65_536


@asynccontextmanager
async def terminated(
    port: int, certificate: Path, *, clients: Path | None = None, is_postgres: bool = False
) -> AsyncIterator[int]:
    """A loopback port that speaks TLS and leads to the plain one; `clients` is the authority of those who may come.

    PostgreSQL's clients ask for TLS in the clear first.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if clients:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients)
    lines: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        lines.add(task)
        try:
            with suppress(OSError, EOFError, ExceptionGroup):  # either end went, or would not have the other
                if is_postgres:
                    await reader.readexactly(8)  # SSLRequest
                    writer.write(b"S")
                    await writer.start_tls(context)
                await _joined(port, reader, writer)
        finally:
            writer.close()
            lines.discard(task)

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=None if is_postgres else context)
    async with server:
        yield server.sockets[0].getsockname()[1]
        server.close()
        for task in lines:
            task.cancel()
        if lines:
            await asyncio.wait(lines)


async def _joined(port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    there, back = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_carry(reader, back))
            tasks.create_task(_carry(there, writer))
    finally:
        back.close()


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while chunk := await source.read(CHUNK):
        target.write(chunk)
        await target.drain()
    target.close()
