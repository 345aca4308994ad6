"""Working state in one SQLite file, shared by the processes of one machine."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Self

from wiredesk.sqlite.connection import bring_up_to, open_connection, to_wal
from wiredesk.sqlite.errors import DatabaseFile
from wiredesk.sqlite.worker import Worker
from wiredesk.state import seen_sqlite
from wiredesk.state.seen import Candidates, Lookup, Update

SCHEMA_VERSION = 2

UPKEEP_EVERY = 60  # seconds

_HOSTS = """
DROP TABLE IF EXISTS hosts; -- version 1 did not know when it was written
CREATE TABLE hosts (host TEXT PRIMARY KEY, free_at INTEGER, written_at INTEGER) WITHOUT ROWID;
"""

_IN_A_SECOND = 1_000_000


class SqliteHosts:
    """Budgets of hosts by this machine's clock; where it was set back, no wait becomes longer than it was meant to be."""

    def __init__(self, file: Worker, *, now: Callable[[], float]) -> None:
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
    """The memory of dedupe; every writer deletes some of what has expired, now and then."""

    def __init__(self, file: Worker, *, now: Callable[[], float]) -> None:
        self._file, self._now = file, now
        self._next_upkeep = 0.0

    async def candidates(self, asks: Sequence[Lookup]) -> Sequence[Candidates]:
        """See `Seen`."""
        return await self._file.read(lambda connection: seen_sqlite.candidates(connection, asks))

    async def settle(self, asks: Sequence[Lookup], versions: Sequence[str], writes: Sequence[Update]) -> bool:
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
        advice = "move it away: it holds nothing that cannot be had again"
        file = DatabaseFile(path=path, noun="state", dependency="state", advice=advice)
        self._worker = Worker(file, lambda: _connected(file))
        self.hosts = SqliteHosts(self._worker, now=now)
        self.seen = SqliteSeen(self._worker, now=now)

    async def __aenter__(self) -> Self:
        await self._worker.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._worker.stop()

    async def check(self) -> None:
        """See `State`; also fails where the file cannot be locked for writing."""
        await self._worker.write(lambda connection: None)

    async def warnings(self) -> Sequence[str]:
        """See `State`; a file has nothing to set."""
        return ()


def _connected(file: DatabaseFile) -> sqlite3.Connection:
    # NORMAL: losing power may lose the last transactions, which costs repeated work; a crash of ours loses nothing.
    connection = open_connection(file.path, pragmas=("synchronous = NORMAL", "cache_size = -32000"))
    try:
        to_wal(connection)
        bring_up_to(connection, file, SCHEMA_VERSION, make=_make_tables)
    except BaseException:
        connection.close()
        raise
    return connection


def _make_tables(connection: sqlite3.Connection) -> None:
    for statement in f"{seen_sqlite.SCHEMA}{_HOSTS}".split(";"):
        connection.execute(statement)


def _free_at(connection: sqlite3.Connection, host: str, *, now: int) -> int:
    row = connection.execute("SELECT free_at, written_at FROM hosts WHERE host = ?", (host,)).fetchone()
    free_at, written_at = row or (0, 0)
    return int(free_at - max(0, written_at - now))


def _keep(connection: sqlite3.Connection, host: str, free_at: int, *, now: int) -> None:
    connection.execute("INSERT OR REPLACE INTO hosts VALUES (?, ?, ?)", (host, free_at, now))
