"""A member of a group on the embedded log: one is active, which an OS file lock decides; the others stand by."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from wiredesk.bus import Consumed, sqlite_file
from wiredesk.bus.sqlite_reader import LogReader
from wiredesk.errors import Unavailable
from wiredesk.observe import EXPIRED, log
from wiredesk.sqlite.worker import Worker

_log = log(__name__)

MAX_BATCH_RECORDS = 200
MAX_BATCH_BYTES = 4_000_000

NAP = timedelta(milliseconds=50)
"""A group that another process left is taken over within this time."""


class GroupLock:
    """Held by the group's active member. The system frees it when its holder dies, however that happens."""

    def __init__(self, path: Path, group: str) -> None:
        self._path = path.with_name(f"{path.name}-{quote(group, safe='')}.lock")
        self._file: int | None = None

    @property
    def is_held(self) -> bool:
        """Whether this member holds the lock."""
        return self._file is not None

    def take(self) -> bool:
        """Take the lock where it is free; whether this member holds it."""
        if self._file is not None:
            return True
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise Unavailable(f"log {self._path}: {error.strerror}", dependency="bus") from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    def leave(self) -> None:
        """Release the lock. The file stays: after its removal two members could hold locks on one name."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


class SqliteSubscription:
    """Reads its topics in turn; `woken` is set when anybody has published."""

    def __init__(
        self,
        topics: Sequence[str],
        group: str,
        *,
        lock: GroupLock,
        reader: LogReader,
        writer: Worker,
        woken: asyncio.Event,
    ) -> None:
        self._topics, self._group = list(topics), group
        self._lock, self._reader, self._writer, self._woken = lock, reader, writer, woken
        self._next: dict[str, int] | None = None  # by topic; None while standing by

    def __aiter__(self) -> AsyncIterator[Sequence[Consumed]]:
        return self

    async def __anext__(self) -> Sequence[Consumed]:
        while not self._lock.take():  # noqa: ASYNC110 - another process frees it, which no event tells
            await asyncio.sleep(NAP.total_seconds())
        if self._next is None:
            self._next = await self._reader.read(self._start)
        while True:
            self._woken.clear()
            batch = await self._reader.read(self._read) if self._reader.read_now(self._has_more) else []
            if batch:
                for consumed in batch:
                    self._tell_of_expired(consumed.topic, self._next[consumed.topic], consumed.offset)
                    self._next[consumed.topic] = consumed.offset + 1
                return batch
            await self._woken.wait()

    async def commit(self, batch: Sequence[Consumed]) -> None:
        """See `Subscription`; the lock holds as long as this lives, so nothing is ever lost to a rebalance."""
        ends: dict[str, int] = {}
        for consumed in batch:
            ends[consumed.topic] = max(ends.get(consumed.topic, 0), consumed.offset + 1)
        await self._writer.write(lambda connection: sqlite_file.commit(connection, self._group, ends))

    def paused(self) -> AbstractAsyncContextManager[None]:
        """See `Subscription`; the lock is held however long nothing is read."""
        return nullcontext()

    def held(self) -> frozenset[tuple[str, int]] | None:
        """See `Subscription`: everything, or nothing while standing by."""
        return frozenset((topic, 0) for topic in self._topics) if self._lock.is_held else frozenset()

    def _start(self, connection: sqlite3.Connection) -> dict[str, int]:
        places = {}
        for topic in self._topics:
            EXPIRED.labels(self._group, topic)  # there from the start, so that its first increase is seen
            offset = sqlite_file.committed(connection, self._group, topic)
            places[topic] = max(offset, sqlite_file.oldest(connection, topic))
            self._tell_of_expired(topic, offset or places[topic], places[topic])
        return places

    def _tell_of_expired(self, topic: str, offset: int, start: int) -> None:
        """Log an error where reading does not continue at `offset`: only retention leaves gaps in offsets."""
        if offset < start:
            EXPIRED.labels(self._group, topic).inc(start - offset)
            _log.error("bus.records_expired", group=self._group, topic=topic, records=start - offset)

    def _has_more(self, connection: sqlite3.Connection) -> bool:
        assert self._next is not None
        heads = ((topic, sqlite_file.head(connection, topic)) for topic in self._topics)
        return any(end > self._next[topic] for topic, end in heads)

    def _read(self, connection: sqlite3.Connection) -> list[Consumed]:
        """One batch; the topic read first moves to the end, so that a busy topic does not starve the others."""
        assert self._next is not None
        batch: list[Consumed] = []
        size = 0
        for topic in self._topics:
            if len(batch) < MAX_BATCH_RECORDS and size < MAX_BATCH_BYTES:
                more = sqlite_file.read(
                    connection,
                    topic,
                    self._next[topic],
                    max_records=MAX_BATCH_RECORDS - len(batch),
                    max_bytes=MAX_BATCH_BYTES - size,
                )
                size += sum(len(consumed.value) for consumed in more)
                batch += more
        self._topics.append(self._topics.pop(0))
        return batch
