"""Announces commits to a file, of any process, so that nobody has to poll the file.

SQLite counts commits per file, and a connection can ask for the count for a few microseconds:
https://sqlite.org/pragma.html#pragma_data_version. One timer a file and process does, however many wait.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

LOOK_EVERY = timedelta(milliseconds=50)
"""What another process commits is seen within this time."""


class CommitCounter:
    """The commits to the file at `path`, which must be there. Open between `start` and `close`, on one event loop."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._events: set[asyncio.Event] = set()
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to look. Raises `sqlite3.Error` where the file cannot be opened."""
        # No waiting for locks: this runs on the event loop, and the next look will do.
        self._connection = sqlite3.connect(self._path, timeout=0, isolation_level=None)
        self._version = self._now()
        self._look_later()

    def close(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._connection.close()

    @contextmanager
    def told_to(self, event: asyncio.Event) -> Iterator[None]:
        """Within, `event` is set after each commit, ours included; one may be told of several at once."""
        self._events.add(event)
        try:
            yield
        finally:
            self._events.discard(event)

    def _look(self) -> None:
        version = self._now()
        # An error is no version, so all look for themselves and find out what is wrong.
        if version is None or version != self._version:
            self._version = version
            for event in self._events:
                event.set()
        self._look_later()

    def _look_later(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(LOOK_EVERY.total_seconds(), self._look)

    def _now(self) -> int | None:
        try:
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error:
            return None
