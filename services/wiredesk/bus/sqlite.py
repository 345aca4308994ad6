"""The embedded log: one SQLite file in WAL mode, shared by the processes of one machine.

Durable like Kafka with a synced disk: `publish` and `commit` return when their transaction is on it. A topic is one
partition; a group has one active member, and the others take over when its process ends.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self, TypeVar

from wiredesk.bus import Change, Consumed, Lag, Record, Subscription, TopicSpec, sqlite_file
from wiredesk.bus.limits import refuse_too_large
from wiredesk.bus.sqlite_group import GroupLock, SqliteSubscription
from wiredesk.bus.sqlite_reader import THREADS, LogReader, read_once
from wiredesk.sqlite.changes import CommitCounter
from wiredesk.sqlite.transaction import transaction
from wiredesk.sqlite.worker import Worker

R = TypeVar("R")

PRUNE_EVERY = timedelta(minutes=1)
BROWSED_AT_ONCE = 500
BROWSED_BYTES_AT_ONCE = 8_000_000


class SqliteBus:
    """The log in the file `path`, which is made where it is missing; its folder is not."""

    def __init__(self, path: Path, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._path, self._now = path, now
        self._stack = AsyncExitStack()
        self._changes = CommitCounter(path)
        self._wakeups: set[asyncio.Event] = set()

    async def __aenter__(self) -> Self:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="log reader")
        self._stack.callback(self._threads.shutdown, wait=False)
        try:
            await asyncio.to_thread(sqlite_file.create, self._path)
            # Stays open: the last connection to close would fold the WAL into the file, each time.
            self._stack.enter_context(closing(LogReader(self._path, self._threads)))
            await self._start_writer()
            self._changes.start()
            self._stack.callback(self._changes.close)
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    async def _start_writer(self) -> None:
        file = sqlite_file.log_file(self._path)
        self._writer = Worker(file, lambda: sqlite_file.connect(self._path), upkeep=Pruning(now=self._now))
        self._stack.push_async_callback(self._writer.stop)
        await self._writer.start()

    async def publish(self, records: Sequence[Record]) -> None:
        """See `Bus`; concurrent calls share one transaction, and none of `records` is written where it fails."""
        refuse_too_large(records)
        if not records:
            return
        rows, now = sqlite_file.encoded(records), self._now()
        await self._writer.write(lambda connection: sqlite_file.append(connection, rows, now=now))
        for wakeup in self._wakeups:
            wakeup.set()

    @asynccontextmanager
    async def subscribe(self, topics: Sequence[str], *, group: str) -> AsyncIterator[Subscription]:
        """See `Bus`; a member that is not the active one waits in its first iteration."""
        woken = asyncio.Event()
        lock = GroupLock(self._path, group)
        with closing(LogReader(self._path, self._threads)) as reader, self._changes.told_to(woken):
            self._wakeups.add(woken)
            try:
                yield SqliteSubscription(topics, group, lock=lock, reader=reader, writer=self._writer, woken=woken)
            finally:
                self._wakeups.discard(woken)
                lock.leave()

    async def browse(self, topic: str) -> AsyncIterator[Consumed]:
        """See `Bus`."""
        end = await self._read(lambda connection: sqlite_file.head(connection, topic))
        offset = 0
        while offset < end:
            batch = await self._read(
                lambda connection, offset=offset: sqlite_file.read(  # type: ignore[misc]
                    connection, topic, offset, max_records=BROWSED_AT_ONCE, max_bytes=BROWSED_BYTES_AT_ONCE
                )
            )
            if not batch:
                return
            for consumed in batch:
                if consumed.offset < end:
                    yield consumed
            offset = batch[-1].offset + 1

    async def lag(self, topics: Sequence[str], *, group: str) -> Sequence[Lag]:
        """See `Bus`."""
        return await self._read(lambda connection: [_lag(connection, topic, group) for topic in sorted(topics)])

    async def plan(self, topics: Sequence[TopicSpec]) -> Sequence[Change]:
        """See `Bus`."""
        return await self._read(lambda connection: _changes(connection, topics))

    async def apply(self, topics: Sequence[TopicSpec]) -> Sequence[Change]:
        """See `Bus`; removes what is past its time, too."""
        changes = await self.plan(topics)
        changed = {change.topic for change in changes}

        def carry_out(connection: sqlite3.Connection) -> None:
            for spec in topics:
                if spec.name in changed:
                    sqlite_file.keep(connection, spec.name, spec.retention)
            sqlite_file.prune(connection, now=self._now())

        await self._writer.write(carry_out)
        return changes

    async def check(self) -> None:
        """See `Bus`; also fails where the file cannot be locked for writing."""
        await self._writer.write(lambda connection: None)

    async def _read(self, act: Callable[[sqlite3.Connection], R]) -> R:
        return await read_once(self._path, self._threads, act)


class Pruning:
    """Removes records that are past their retention once a minute, a few at a time, between the writes."""

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        self._now = now
        self._pruned_at = time.monotonic()

    def __call__(self, connection: sqlite3.Connection) -> None:
        """Prune, if it is time to."""
        if time.monotonic() - self._pruned_at < PRUNE_EVERY.total_seconds():
            return
        self._pruned_at = time.monotonic()
        with transaction(connection):
            sqlite_file.prune(connection, now=self._now())


def _lag(connection: sqlite3.Connection, topic: str, group: str) -> Lag:
    oldest = sqlite_file.oldest(connection, topic)
    committed = max(oldest, sqlite_file.committed(connection, group, topic))
    return Lag(
        topic=topic,
        partition=0,
        committed=committed,
        head=sqlite_file.head(connection, topic),
        oldest_at=sqlite_file.appended_at(connection, topic, committed),
    )


def _changes(connection: sqlite3.Connection, topics: Sequence[TopicSpec]) -> list[Change]:
    changes = []
    for spec in topics:
        kept = sqlite_file.kept(connection, spec.name)
        retention = _milliseconds(spec.retention)
        if kept is None:
            changes.append(
                Change(topic=spec.name, what="create", have="", want=f"1 partition, retention.ms {retention}")
            )
        elif kept != spec.retention:
            have = "unlimited" if kept == timedelta.max else _milliseconds(kept)
            changes.append(Change(topic=spec.name, what="set retention.ms", have=have, want=retention))
    return changes


def _milliseconds(duration: timedelta) -> str:
    return str(duration // timedelta(milliseconds=1))
