"""Tells what was made due or stored, by whatever process: so that nobody has to ask the database what is new.

PostgreSQL tells by NOTIFY, on a connection of its own; SQLite counts commits, and a timer reads the count. Either may
fail silently (a pooler that gives each transaction another server, a line that swallows packets): whoever waits asks for
himself now and then all the same.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database.statements import is_sqlite
from wiredesk.observe import log
from wiredesk.sqlite.changes import CommitCounter as FileChanges

if TYPE_CHECKING:
    import asyncpg

_log = log(__name__)

_NOTIFY = text("SELECT pg_notify('wiredesk_' || md5(current_schema()), :of)")

AWAY = timedelta(seconds=1)
"""While the connection is away all are woken so often, and look for themselves."""

Connect = Callable[[], Awaitable["asyncpg.Connection"]]


DUE, STORED = "due", "stored"
"""What there is to tell: rows of the due queue were put, items were stored."""


class Changes(Protocol):
    """Who tells."""

    def told_to(self, event: asyncio.Event, *, of: str) -> AbstractContextManager[None]:
        """Within, `event` is set when that may have changed; one telling may stand for several, and come for nothing."""
        ...


async def notify(connection: AsyncConnection, of: str) -> None:
    """On PostgreSQL, tell of a change when this transaction is committed; SQLite tells of all by itself."""
    if not is_sqlite(connection):
        await connection.execute(_NOTIFY, {"of": of})


def channel_of(schema: str) -> str:
    """The channel on which changes within `schema` are told; names of channels are short, those of schemas may not be."""
    return f"wiredesk_{hashlib.md5(schema.encode(), usedforsecurity=False).hexdigest()}"


class CommitCounts:
    """The commits to a SQLite file, whatever they were about."""

    def __init__(self, path: Path) -> None:
        self._counts = FileChanges(path)

    def told_to(self, event: asyncio.Event, *, of: str) -> AbstractContextManager[None]:
        """See `Changes`."""
        return self._counts.told_to(event)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Within, commits are told."""
        self._counts.start()
        with closing(self._counts):
            yield


class Notifications:
    """Events told by the notifications of one channel."""

    def __init__(self, connect: Connect, channel: str) -> None:
        self._connect, self._channel = connect, channel
        self._events: dict[str, set[asyncio.Event]] = {DUE: set(), STORED: set()}

    @contextmanager
    def told_to(self, event: asyncio.Event, *, of: str) -> Iterator[None]:
        """See `Changes`."""
        self._events[of].add(event)
        try:
            yield
        finally:
            self._events[of].discard(event)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Within, notifications are told."""
        try:
            async with asyncio.TaskGroup() as tasks:
                listener = tasks.create_task(self._listen(), name="database notifications")
                try:
                    yield
                finally:
                    listener.cancel()
        except BaseExceptionGroup as group:
            # What was raised within is to leave as what it was: it is not the group's doing.
            if len(group.exceptions) == 1:
                raise group.exceptions[0] from None
            raise

    async def _listen(self) -> None:
        import asyncpg

        while True:
            with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await self._until_lost()
            # The roles meet the outage themselves, and report it.
            _log.debug("database.notifications_lost", channel=self._channel)
            self._tell(*self._events)
            await asyncio.sleep(AWAY.total_seconds())

    async def _until_lost(self) -> None:
        connection, lost = await self._connect(), asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(self._channel, lambda _connection, _pid, _channel, of: self._tell(of))
            self._tell(*self._events)  # what came before nobody was told of
            await lost.wait()
        finally:
            connection.terminate()

    def _tell(self, *of: object) -> None:
        for name in of:
            for event in self._events.get(str(name), ()):
                event.set()
