"""One thread that writes for a whole process: whoever waits shares the next transaction, and so the next sync of the disk."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue

from wiredesk.bus import sqlite_file
from wiredesk.errors import Unavailable, WiredeskError

MAX_SHARED = 64
"""Writes in one transaction: bounds how long the others wait for the disk."""

PRUNE_EVERY = timedelta(minutes=1)
PATIENCE = timedelta(seconds=30)
"""Of a caller: longer than the wait for another process's lock, so that what is told is the cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Write:
    act: Callable[[sqlite3.Connection], None]
    done: Future[None]


class Writer:
    """Writes in the order of the calls. The queue is bounded by its callers, who all wait for their write."""

    def __init__(self, path: Path, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._path, self._now = path, now
        self._queue: SimpleQueue[_Write | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"writer of {path.name}", daemon=True)
        self._pruned = time.monotonic()

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    async def stop(self) -> None:
        """Finish what was asked for, then end."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join, PATIENCE.total_seconds())

    async def write(self, act: Callable[[sqlite3.Connection], None]) -> None:
        """Run `act` in a transaction and return once it is on the disk. Raises `Unavailable`; nothing is written then."""
        write = _Write(act=act, done=Future())
        self._queue.put(write)
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                await asyncio.wrap_future(write.done)
        except TimeoutError as error:
            raise Unavailable(f"log {self._path}: no write finished in {PATIENCE}", dependency="bus") from error

    def _run(self) -> None:
        with closing(sqlite_file.connect(self._path)) as connection:
            while writes := self._next_writes():
                self._through(connection, writes)
                self._prune_sometimes(connection)

    def _next_writes(self) -> list[_Write]:
        """All that wait, at least one; none when it is time to end."""
        writes = []
        try:
            write = self._queue.get()
            while write is not None:
                if write.done.set_running_or_notify_cancel():
                    writes.append(write)
                if len(writes) >= MAX_SHARED:
                    return writes
                write = self._queue.get(block=not writes)
            self._queue.put(None)  # asked to end: after these
        except Empty:
            return writes
        return writes

    def _through(self, connection: sqlite3.Connection, writes: list[_Write]) -> None:
        try:
            with sqlite_file.answering(self._path), sqlite_file.transaction(connection):
                for write in writes:
                    write.act(connection)
        except (WiredeskError, sqlite3.Error) as error:
            for write in writes:
                write.done.set_exception(error)
            return
        for write in writes:
            write.done.set_result(None)

    def _prune_sometimes(self, connection: sqlite3.Connection) -> None:
        if time.monotonic() - self._pruned < PRUNE_EVERY.total_seconds():
            return
        self._pruned = time.monotonic()
        try:
            with sqlite_file.transaction(connection):
                sqlite_file.prune(connection, now=self._now())
        except sqlite3.OperationalError:
            return  # nobody waits for it: the next minute will do
