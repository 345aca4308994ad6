"""Threads that read the embedded log, so that the disk never holds up the event loop."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from wiredesk.bus import sqlite_file
from wiredesk.errors import Unavailable
from wiredesk.sqlite.transaction import snapshot
from wiredesk.sqlite.worker import PATIENCE

R = TypeVar("R")

THREADS = 8
"""Threads: one for each role, and one for looks at the log."""


class LogReader:
    """A connection of its own: one read at a time, in one of `threads`."""

    def __init__(self, path: Path, threads: ThreadPoolExecutor) -> None:
        self._file, self._threads = sqlite_file.log_file(path), threads
        with self._file.translating():
            self._connection = sqlite_file.connect(path)
        # Held while a thread reads: a call that was cancelled leaves its thread behind, and nobody may close under it.
        self._in_use = threading.Lock()

    async def read(self, act: Callable[[sqlite3.Connection], R]) -> R:
        """The result of `act`, read in one consistent view. Raises `Unavailable`."""

        def translated() -> R:
            with self._in_use, self._file.translating(), snapshot(self._connection):
                return act(self._connection)

        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                return await asyncio.get_running_loop().run_in_executor(self._threads, translated)
        except TimeoutError as error:
            raise Unavailable(f"{self._file}: nothing read in {PATIENCE}", dependency="bus") from error

    def read_now(self, act: Callable[[sqlite3.Connection], R]) -> R:
        """The result of `act` on the caller's thread: for microseconds of work on pages that are in memory."""
        with self._in_use, self._file.translating():
            return act(self._connection)

    def close(self) -> None:
        """Disconnect."""
        with self._in_use:
            self._connection.close()


async def read_once(path: Path, threads: ThreadPoolExecutor, act: Callable[[sqlite3.Connection], R]) -> R:
    """The result of `act` on a connection for this call alone."""
    with closing(LogReader(path, threads)) as reader:
        return await reader.read(act)
