"""Working state in one SQLite file, shared by the processes of one machine."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Self, TypeVar

from wiredesk.errors import Misconfigured, Unavailable
from wiredesk.state import seen_sqlite
from wiredesk.state.seen import Answer, Ask, Write

R = TypeVar("R")

SCHEMA_VERSION = 2

LOCK_PATIENCE = timedelta(seconds=5)
"""How long a transaction waits for another process's; theirs take milliseconds."""

LIMIT = timedelta(seconds=15)
"""What any call may take, queueing for the thread included."""

UPKEEP_EVERY = 60  # seconds

_HOSTS = """
DROP TABLE IF EXISTS hosts; -- version 1 did not know when it was written
CREATE TABLE hosts (host TEXT PRIMARY KEY, free_at INTEGER, written_at INTEGER) WITHOUT ROWID;
"""

_SICK = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOTADB,
}  # fmt: skip
"""Primary result codes that tell of the file or the machine, not of our statement. https://sqlite.org/rescode.html"""

_BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_IN_A_SECOND = 1_000_000


class File:
    """The file and its only connection, used by one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def open(self) -> None:
        """Connect, and make the tables where they are missing. Raises `Misconfigured` on a file of a newer version."""
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="state")
        try:
            self._connection = await self._run(lambda: _connect(self._path))
            await self._run(lambda: _prepare(self._connection, self._path))
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Disconnect, once what runs has ended."""
        connection: sqlite3.Connection | None = getattr(self, "_connection", None)
        closed = self._threads.submit(connection.close) if connection is not None else None
        self._threads.shutdown(wait=False)
        if closed is not None:
            await asyncio.shield(asyncio.wrap_future(closed))  # whoever is cancelled leaves it to the thread

    async def read(self, act: Callable[[sqlite3.Connection], R]) -> R:
        """What `act` gives within one consistent view of the file."""
        return await self._run(lambda: _transaction(self._connection, act, begin="BEGIN"))

    async def write(self, act: Callable[[sqlite3.Connection], R]) -> R:
        """What `act` gives within one write transaction."""
        return await self._run(lambda: _transaction(self._connection, act, begin="BEGIN IMMEDIATE"))

    async def _run(self, act: Callable[[], R]) -> R:
        try:
            async with asyncio.timeout(LIMIT.total_seconds()):
                return await asyncio.get_running_loop().run_in_executor(self._threads, act)
        except TimeoutError as error:
            raise Unavailable(f"state {self._path}: no answer in time", dependency="state") from error
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the upper bits say which kind of it
            if code not in _SICK:
                raise
            advice = "; move it away: it holds nothing that cannot be had again" if code in _BROKEN else ""
            raise Unavailable(f"state {self._path}: {error}{advice}", dependency="state") from error


class SqliteHosts:
    """Budgets of hosts by this machine's clock; where it was set back, no wait becomes longer than it was meant to be."""

    def __init__(self, file: File, *, now: Callable[[], float]) -> None:
        self._file, self._now = file, now

    async def take(self, host: str, *, gap: timedelta, patience: timedelta) -> timedelta:
        """See `HostBudgets`."""

        def act(connection: sqlite3.Connection) -> int:
            now = self._microseconds()
            free = max(now, _free_at(connection, host, now=now))
            is_granted = free - now <= patience // timedelta(microseconds=1)
            _keep(connection, host, free + is_granted * (gap // timedelta(microseconds=1)), now=now)
            return free - now

        return timedelta(microseconds=await self._file.write(act))

    async def pause(self, host: str, *, wait: timedelta) -> None:
        """See `HostBudgets`."""

        def act(connection: sqlite3.Connection) -> None:
            now = self._microseconds()
            until = now + wait // timedelta(microseconds=1)
            _keep(connection, host, max(until, _free_at(connection, host, now=now)), now=now)

        await self._file.write(act)

    async def waits(self, hosts: Sequence[str]) -> Mapping[str, timedelta]:
        """See `HostBudgets`."""

        def act(connection: sqlite3.Connection) -> dict[str, int]:
            now = self._microseconds()
            return {host: max(0, _free_at(connection, host, now=now) - now) for host in hosts}

        return {host: timedelta(microseconds=wait) for host, wait in (await self._file.read(act)).items()}

    def _microseconds(self) -> int:
        return int(self._now() * _IN_A_SECOND)


class SqliteSeen:
    """The memory of dedupe, tidied up now and then by whoever writes to it."""

    def __init__(self, file: File, *, now: Callable[[], float]) -> None:
        self._file, self._now = file, now
        self._next_upkeep = 0.0

    async def candidates(self, asks: Sequence[Ask]) -> Sequence[Answer]:
        """See `Seen`."""
        return await self._file.read(lambda connection: seen_sqlite.candidates(connection, asks))

    async def settle(self, asks: Sequence[Ask], versions: Sequence[str], writes: Sequence[Write]) -> bool:
        """See `Seen`."""

        def act(connection: sqlite3.Connection) -> bool:
            if not seen_sqlite.settle(connection, asks, versions, writes):
                return False
            seen_sqlite.keep(connection, writes, now=int(self._now()))
            self._tidy(connection)
            return True

        return await self._file.write(act)

    def _tidy(self, connection: sqlite3.Connection) -> None:
        now = self._now()
        if now < self._next_upkeep:
            return
        connection.execute("DELETE FROM hosts WHERE free_at < ?", (int(now * _IN_A_SECOND),))
        if not seen_sqlite.forget(connection, now=int(now)):
            self._next_upkeep = now + UPKEEP_EVERY


class SqliteState:
    """The state in the file `path`, which is made where it is missing; its folder is not."""

    def __init__(self, path: Path, *, now: Callable[[], float] = time.time) -> None:
        self._file = File(path)
        self.hosts = SqliteHosts(self._file, now=now)
        self.seen = SqliteSeen(self._file, now=now)

    async def __aenter__(self) -> Self:
        await self._file.open()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._file.close()

    async def check(self) -> None:
        """See `State`; also fails where the file cannot be locked for writing."""
        await self._file.write(lambda connection: None)

    async def warnings(self) -> Sequence[str]:
        """See `State`; a file has nothing to set."""
        return ()


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=LOCK_PATIENCE.total_seconds(), isolation_level=None, check_same_thread=False)


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    _to_wal(connection)
    # NORMAL: losing power may lose the last transactions, which costs repeated work; a crash of ours loses nothing.
    for pragma in ("synchronous = NORMAL", "cache_size = -32000", "journal_size_limit = 67108864"):
        connection.execute(f"PRAGMA {pragma}")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise Misconfigured(f"state {path} is of version {version}, newer than this program's {SCHEMA_VERSION}")

    def make(connection: sqlite3.Connection) -> None:
        for statement in f"{seen_sqlite.SCHEMA}{_HOSTS}".split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    if version < SCHEMA_VERSION:
        _transaction(connection, make, begin="BEGIN IMMEDIATE")


def _to_wal(connection: sqlite3.Connection) -> None:
    """Switch the file to WAL; SQLite does not wait for others who do the same at the same time."""
    end = time.monotonic() + LOCK_PATIENCE.total_seconds()
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            return


def _transaction(connection: sqlite3.Connection, act: Callable[[sqlite3.Connection], R], *, begin: str) -> R:
    connection.execute(begin)
    try:
        result = act(connection)
        connection.execute("COMMIT")
    except BaseException:
        # A full disk ends the transaction by itself.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result


def _free_at(connection: sqlite3.Connection, host: str, *, now: int) -> int:
    row = connection.execute("SELECT free_at, written_at FROM hosts WHERE host = ?", (host,)).fetchone()
    free_at, written_at = row or (0, 0)
    return int(free_at - max(0, written_at - now))


def _keep(connection: sqlite3.Connection, host: str, free_at: int, *, now: int) -> None:
    connection.execute("INSERT OR REPLACE INTO hosts VALUES (?, ?, ?)", (host, free_at, now))
