"""Records in one SQLite file, which several processes of a machine may share."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
import sqlalchemy.exc
from sqlalchemy import URL, event
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from wiredesk.database.changes import CommitCounts
from wiredesk.database.transactions import CONNECT_LIMIT, LOCK_LIMIT, DatabaseFailure
from wiredesk.errors import Misconfigured
from wiredesk.sqlite.connection import JOURNAL_SIZE_LIMIT
from wiredesk.sqlite.errors import Trouble, trouble_of

READERS = 4
"""Reading connections: each has a thread, and more do not read faster."""

PRAGMAS = ("foreign_keys = ON", "cache_size = -32000", "temp_store = MEMORY", JOURNAL_SIZE_LIMIT)
WRITER_PRAGMAS = ("journal_mode = WAL", "synchronous = FULL")
READER_PRAGMAS = ("query_only = ON",)

_BETWEEN_TRIES = 0.02


class SqliteBackend:
    """A WAL file: one writer at a time within the process and across them, a few readers beside it."""

    dialect = "sqlite"
    errors = (sqlalchemy.exc.SQLAlchemyError, sqlite3.Error, OSError, TimeoutError)

    def __init__(self, path: Path) -> None:
        self._path = path
        self._readers = _engine(path, connections=READERS, begin="BEGIN", pragmas=READER_PRAGMAS)
        self._writer = _engine(path, connections=1, begin="BEGIN IMMEDIATE", pragmas=WRITER_PRAGMAS)
        self.changes = CommitCounts(path)
        # Held around a writing transaction: who queues here waits in order, and burns no busy timeout.
        self._turn = asyncio.Lock()

    @property
    def place(self) -> str:
        """The file."""
        return str(self._path)

    def sickness(self, error: Exception) -> DatabaseFailure | None:
        """See `Backend`."""
        if isinstance(error, sqlalchemy.exc.TimeoutError | TimeoutError):
            return DatabaseFailure(text="no answer in time")
        if isinstance(error, OSError):
            return DatabaseFailure(text=str(error))
        cause = error.orig if isinstance(error, sqlalchemy.exc.DBAPIError) else error
        trouble = trouble_of(cause)
        if trouble is Trouble.BROKEN:
            raise Misconfigured(f"database {self._path}: {cause}; restore it from a backup") from error
        return None if trouble is None else DatabaseFailure(text=str(cause), is_passing=trouble is Trouble.CONTENTION)

    @property
    def is_made(self) -> bool:
        """See `Backend`."""
        return self._path.exists()

    def looking(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """See `Backend`."""
        return self.reading()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """See `Backend`."""
        with _to_an_end():
            async with self._readers.connect() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """See `Backend`."""
        async with self._turn:
            with _to_an_end():
                async with self._writer.begin() as connection:
                    yield connection

    @asynccontextmanager
    async def migrating(self) -> AsyncIterator[AsyncConnection]:
        """See `Backend`; a lock file beside the database keeps other processes out, and goes with its holder."""
        with _opened(self._path.with_name(self._path.name + ".lock")) as lock:
            await _lock(lock)
            async with self.writing() as connection:
                yield connection

    def listening(self) -> AbstractAsyncContextManager[None]:
        """See `Backend`."""
        return self.changes.listening()

    async def close(self) -> None:
        """See `Backend`."""
        await self._readers.dispose()
        await self._writer.dispose()


def open_sqlite(url: str) -> SqliteBackend:
    """The backend for `sqlite:///PATH`. Raises `Misconfigured` where no path stands there or no file can."""
    path = Path(url.removeprefix("sqlite:///"))
    if not url.startswith("sqlite:///") or path.name in ("", ":memory:"):
        raise Misconfigured(f"database URL {url!r}: expected sqlite:///PATH")
    if not path.parent.is_dir():
        raise Misconfigured(f"database URL {url!r}: {path.parent} is no folder")
    return SqliteBackend(path.absolute())


class _Passing(SqliteBackend):
    """A file in a temporary folder, which goes when it is closed."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="wiredesk-")
        super().__init__(Path(self._folder.name) / "empty.sqlite")

    async def close(self) -> None:
        """See `Backend`."""
        await super().close()
        self._folder.cleanup()


def open_empty() -> SqliteBackend:
    """A database in which nothing is stored, for a look at what is not there yet."""
    return _Passing()


def _to_an_end() -> anyio.CancelScope:
    """Keeps a stop of the process from a transaction under way, which takes milliseconds, 10 s at most.

    A scope cancels again and again until it is obeyed; at the second time SQLAlchemy ends the connection's thread while
    its own closing still waits for that thread, and the event loop never comes to an end.
    """
    return anyio.CancelScope(shield=True)


def _engine(path: Path, *, connections: int, begin: str, pragmas: tuple[str, ...]) -> AsyncEngine:
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        pool_size=connections,
        max_overflow=0,
        pool_timeout=CONNECT_LIMIT.total_seconds() * 3,
        connect_args={"timeout": LOCK_LIMIT.total_seconds()},
        hide_parameters=True,  # of statements, in errors: logins are among them
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: DBAPIConnection, _record: object) -> None:
        # sqlite3 would begin transactions by itself, and never before a SELECT.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (*PRAGMAS, *pragmas):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin_so(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


async def _lock(descriptor: int) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            await asyncio.sleep(_BETWEEN_TRIES)
        else:
            return
