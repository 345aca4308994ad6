"""Announces commits to a file, of any process, so that nobody has to poll the file.

SQLite counts commits per file, and a connection can ask for the count for a few microseconds:
https://sqlite.org/pragma.html#pragma_data_version. It is asked for while the kernel tells that the file or its log is
written to, and now and then besides: network file systems tell nothing, nor do other systems than Linux.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from wiredesk.observe import log

if sys.platform == "linux":
    from inotify_simple import INotify, flags

_log = log(__name__)

LOOK_EVERY = timedelta(milliseconds=50)
"""What another process commits is seen within this time."""

QUIET_LOOK = timedelta(seconds=1)
"""How often to look while the kernel tells of no write: a bound in case it does not tell."""

SETTLED = timedelta(seconds=1)
"""How long after a write to look often: it becomes a commit when the disk has it, which no event tells of."""


class CommitCounter:
    """The commits to the file at `path`, which must be there. Open between `start` and `close`, on one event loop."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._events: set[asyncio.Event] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._writes: _Writes | None = None
        self._written_at = time.monotonic()

    def start(self) -> None:
        """Begin to look. Raises `sqlite3.Error` where the file cannot be opened."""
        # No waiting for locks: this runs on the event loop, and the next look will do.
        self._connection = sqlite3.connect(self._path, timeout=0, isolation_level=None)
        self._version = self._now()
        self._writes = _writes(self._path)
        self._look_later()

    def close(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._connection.close()
            if self._writes is not None:
                self._writes.close()

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
        pause = LOOK_EVERY
        if self._writes is not None:
            if self._writes.take():
                self._written_at = time.monotonic()
            if time.monotonic() - self._written_at > SETTLED.total_seconds():
                self._writes.tell_of_next(self._look_now)
                pause = QUIET_LOOK
        self._timer = asyncio.get_running_loop().call_later(pause.total_seconds(), self._look)

    def _look_now(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._look()

    def _now(self) -> int | None:
        try:
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error:
            return None


class _Writes:
    """What the kernel tells of writes to a database: to its file, and to its log, which lives as long as a connection."""

    def __init__(self, path: Path) -> None:
        self._watch = INotify(nonblocking=True)
        try:
            for file in (path, path.with_name(f"{path.name}-wal")):
                self._watch.add_watch(file, flags.MODIFY)
        except OSError:
            self._watch.close()
            raise

    def take(self) -> bool:
        """Whether there were writes since it was last asked."""
        return bool(self._watch.read(timeout=0))

    def tell_of_next(self, act: Callable[[], None]) -> None:
        """Call `act` once, on this event loop, at the next write."""
        loop = asyncio.get_running_loop()

        def told() -> None:
            loop.remove_reader(self._watch)
            act()

        loop.add_reader(self._watch, told)

    def close(self) -> None:
        """Tell of nothing more."""
        asyncio.get_running_loop().remove_reader(self._watch)
        self._watch.close()


def _writes(path: Path) -> _Writes | None:
    """None where nobody tells: on other systems, or when this user watches as many files as he may."""
    if sys.platform != "linux":
        return None
    try:
        return _Writes(path)
    except OSError as error:
        _log.info("sqlite.polling", path=str(path), reason=str(error))
        return None
