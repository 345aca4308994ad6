"""A small real proxy: forwards plain http, opens tunnels, resolves names by its own table, and notes what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit

HEAD_LIMIT = 64 * 1024


class AskedProxy:
    """At `url`; `asked` are the request lines that came, `logins` the values of their Proxy-Authorization.

    Names in `names` are those addresses here, whatever they are elsewhere. With `refuses` every answer is that status,
    with the login that was sent said again.
    """

    def __init__(self, names: Mapping[str, str] | None = None, *, refuses: int = 0) -> None:
        self._names = dict(names or {})
        self._refuses = refuses
        self.asked: list[str] = []
        self.logins: list[str] = []
        self.address = ""

    @property
    def url(self) -> str:
        """Without a user."""
        return f"http://{self.address}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=HEAD_LIMIT)
        self.address = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        self._writers: set[asyncio.StreamWriter] = set()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._answer(reader, writer)
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *fields = head.rstrip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
        self.asked.append(line)
        self.logins.append(headers.pop("proxy-authorization", ""))
        method, target, _ = line.split(" ")
        if self._refuses:
            text = (
                f"HTTP/1.1 {self._refuses} not for {self.logins[-1]}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            writer.write(text.encode("latin-1"))
            await writer.drain()
            return
        tunnel = method == "CONNECT"
        parts = urlsplit(f"//{target}" if tunnel else target)
        host = parts.hostname or ""
        up_reader, up_writer = await asyncio.open_connection(self._names.get(host, host), parts.port or 80)
        self._writers.add(up_writer)
        try:
            if tunnel:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                headers |= {
                    "host": parts.netloc,
                    "connection": "close",
                }  # RFC 9112, 3.2.2: by the address, not as it came
                path = target.partition(parts.netloc)[2] or "/"
                sent = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
                up_writer.write(f"{method} {path} HTTP/1.1\r\n{sent}\r\n".encode("latin-1"))
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_copied(reader, up_writer))
                tasks.create_task(_copied(up_reader, writer))
        finally:
            self._writers.discard(up_writer)
            up_writer.close()


async def _copied(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(64 * 1024):
            writer.write(piece)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
