"""A listener: an application on an address, its connections held to limits."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, cast

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.log import server_logger

from wiredesk.errors import Misconfigured
from wiredesk.roles.web.connections import Connection, Connections
from wiredesk.roles.web.refusals import Refusals

SHUTDOWN_SECONDS: Final = 3.0
LINGER_SECONDS: Final = 2.0
"""How long a body that nobody wants may still come."""

MAX_LINE_BYTES: Final = 8_190
MAX_HEADERS: Final = 64
BACKLOG: Final = 128
"""Less than connections there may be: of those that come at once none is cut before its request was read."""


@asynccontextmanager
async def listening(
    app: web.Application, connections: Connections, *, address: tuple[str, int], setting: str = "WIREDESK_LISTEN"
) -> AsyncIterator[int]:
    """Serve `app` at host and port within; gives the port. Raises `Misconfigured` where the address cannot be had."""
    limits = connections.limits
    runner = web.AppRunner(
        app,
        access_log=None,
        shutdown_timeout=SHUTDOWN_SECONDS,
        handle_signals=False,
        keepalive_timeout=limits.idle.total_seconds(),
        lingering_time=LINGER_SECONDS,
        max_line_size=MAX_LINE_BYTES,
        max_field_size=MAX_LINE_BYTES,
        max_headers=MAX_HEADERS,
        auto_decompress=False,  # nobody sends us packed bodies, and a small one may become a large one
    )
    await runner.setup()
    noise = _WithoutNoise(connections.refusals)
    server_logger.addFilter(noise)
    try:
        async with asyncio.TaskGroup() as tasks:
            server = await _bound(runner, connections, address, setting=setting)
            watching = tasks.create_task(connections.watch(), name=f"connections of {setting}")
            try:
                yield server.sockets[0].getsockname()[1]
            finally:
                watching.cancel()
                server.close()
    except BaseExceptionGroup as group:
        # What was raised within is to leave as what it was: the group did not cause it.
        if len(group.exceptions) == 1:
            raise group.exceptions[0] from None
        raise
    finally:
        await runner.cleanup()
        server_logger.removeFilter(noise)


async def _bound(
    runner: web.AppRunner, connections: Connections, address: tuple[str, int], *, setting: str
) -> asyncio.Server:
    protocols, (host, port) = runner.server, address
    assert protocols is not None

    def connection() -> Connection:
        return Connection(cast(asyncio.Protocol, protocols()), connections)

    try:
        return await asyncio.get_running_loop().create_server(connection, host, port, backlog=BACKLOG)
    except OSError as error:
        why = (error.strerror or str(error)).rpartition("): ")[2]  # asyncio says the address once more
        advice = "; port 0 takes any that is free" if error.errno == errno.EADDRINUSE else ""
        raise Misconfigured(f"{setting}={host}:{port}: {why}{advice}") from error


class _WithoutNoise(logging.Filter):
    """Counts what strangers send that is no HTTP, and lets everything else through to the log.

    The server would log each with a traceback, and so let anybody fill the disk.
    """

    def __init__(self, refusals: Refusals) -> None:
        super().__init__()
        self._refusals = refusals

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether `record` is to be logged."""
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, HttpProcessingError | web.RequestPayloadError):
            return True
        self._refusals.note("malformed request", peer=str(record.args[0]) if isinstance(record.args, tuple) else "")
        return False
