"""Announces new due rows and stored items, of any process, so that nobody has to poll the database.

PostgreSQL tells by NOTIFY, on a connection of its own; SQLite counts commits, and the count is read (`sqlite/changes.py`).
Either may fail silently (a pooler that gives each transaction another server, a line that swallows packets): whoever waits asks for
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
from wiredesk.sqlite.changes import CommitCounter

if TYPE_CHECKING:
    import asyncpg

_log = log(__name__)

_NOTIFY = text("SELECT pg_notify('wiredesk_' || md5(current_schema()), :of)")

AWAY = timedelta(seconds=1)
"""How often all are woken while the connection is away, to look for themselves."""

Connect = Callable[[], Awaitable["asyncpg.Connection"]]


DUE, STORED = "due", "stored"
"""The two changes: rows were added to the due queue, items were stored."""


class Changes(Protocol):
    """A source of announcements."""

    def told_to(self, event: asyncio.Event, *, of: str) -> AbstractContextManager[None]:
        """Within, `event` is set when that may have changed; one wake-up may stand for several, or for none."""
        ...


async def notify(connection: AsyncConnection, of: str) -> None:
    """On PostgreSQL, announce a change when this transaction commits; on SQLite every commit is noticed anyway."""
    if not is_sqlite(connection):
        await connection.execute(_NOTIFY, {"of": of})


def channel_of(schema: str) -> str:
    """The channel on which changes within `schema` are told; names of channels are short, those of schemas may not be."""
    return f"wiredesk_{hashlib.md5(schema.encode(), usedforsecurity=False).hexdigest()}"


class CommitCounts:
    """Announces every commit to a SQLite file, whatever changed."""

    def __init__(self, path: Path) -> None:
        self._counts = CommitCounter(path)

    def told_to(self, event: asyncio.Event, *, of: str) -> AbstractContextManager[None]:
        """See `Changes`."""
        return self._counts.told_to(event)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Within, commits are announced."""
        self._counts.start()
        with closing(self._counts):
            yield


class Notifications:
    """Announces the notifications of one PostgreSQL channel."""

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
        """Within, notifications are announced."""
        try:
            async with asyncio.TaskGroup() as tasks:
                listener = tasks.create_task(self._listen(), name="database notifications")
                try:
                    yield
                finally:
                    listener.cancel()
        except BaseExceptionGroup as group:
            # What was raised within is to leave as what it was: the group did not cause it.
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
