"""The log between the roles: Apache Kafka in production, one SQLite file embedded."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, Self

import msgspec

MAX_VALUE_BYTES = 900_000
"""Largest value a producer may publish: below Kafka's default record limit of 1 MiB with headers and batch overhead."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A keyed value for a topic; `topic` is the full name, prefix included."""

    topic: str
    key: bytes  # equal keys share a partition, so they stay in order
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


class Consumed(Record, frozen=True, kw_only=True):
    """A record as read back, with its place in the log and the instant it was appended."""

    partition: int
    offset: int
    at: datetime  # 1970 where what the log says of it cannot be read
    fault: str = ""  # what of its metadata cannot be read: such a record is malformed, whatever its value


class Subscription(Protocol):
    """One member's share of a group's topics."""

    def __aiter__(self) -> AsyncIterator[Sequence[Consumed]]:
        """Batches in order per key, from the last commit, never empty; waits for more, ends on cancellation.

        A batch may mix topics and partitions. The next batch is only read when asked for.
        Raises `Unavailable` while the log cannot be read; iterate again to go on after the last batch.
        """
        ...

    async def commit(self, batch: Sequence[Consumed]) -> None:
        """Remember that everything up to the end of this batch is done.

        A partition lost to a rebalance is skipped silently: its new owner replays it.
        Raises `Unavailable` when it could not be remembered.
        """
        ...

    def paused(self) -> AbstractAsyncContextManager[None]:
        """Within, nothing new is fetched, but the group keeps this member however long it takes."""
        ...

    def held(self) -> frozenset[tuple[str, int]] | None:
        """Topic and partition of all that this member reads now; None while that is not settled."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How far a group is behind on one partition."""

    topic: str
    partition: int
    committed: int  # the next offset to read; the oldest kept one where the group has never committed
    head: int  # the offset the next record will get
    oldest_at: datetime | None  # when the oldest unread record was appended; None where nothing waits

    @property
    def records(self) -> int:
        """Unread records, never negative."""
        return max(0, self.head - self.committed)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSpec:
    """The settings that a topic should have; the embedded log has one partition and applies `retention` alone."""

    name: str
    partitions: int
    replication: int
    retention: timedelta
    settings: Mapping[str, str] = field(default_factory=dict)  # further Kafka topic settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference between a `TopicSpec` and the log: what `topics plan` prints and `topics apply` does."""

    topic: str
    what: str  # "create", "set retention.ms", "partitions"
    have: str
    want: str
    refused: str = ""  # why it will not be applied; empty where it will


class Bus(Protocol):
    """A log of topics. An async context manager: entering connects, leaving flushes and disconnects."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...

    async def publish(self, records: Sequence[Record]) -> None:
        """Return once all are durable; raise `Unavailable` with any subset written.

        Raises `TooLarge` naming a record whose key, value and headers exceed what the log takes, and those that were
        written: the others may be published again without it, and none of them twice.
        """
        ...

    def subscribe(self, topics: Sequence[str], *, group: str) -> AbstractAsyncContextManager[Subscription]:
        """Each group sees every record; members of a group share the partitions."""
        ...

    def browse(self, topic: str) -> AsyncIterator[Consumed]:
        """Every kept record of a topic, oldest first, up to its head at the time of the call; belongs to no group."""
        ...

    async def lag(self, topics: Sequence[str], *, group: str) -> Sequence[Lag]:
        """The lag of `group`, one row per partition, in order of topic and partition."""
        ...

    async def plan(self, topics: Sequence[TopicSpec]) -> Sequence[Change]:
        """The differences between `TopicSpec`s and the log."""
        ...

    async def apply(self, topics: Sequence[TopicSpec]) -> Sequence[Change]:
        """Carry out what `plan` finds and is not refused; return all of it."""
        ...

    async def check(self) -> None:
        """Raise `Unavailable` unless the log answers now."""
        ...


class TooLarge(ValueError):
    """A record is larger than the log's limit. It is never retried, as it never fits."""

    def __init__(self, record: Record, size: int, limit: int, *, written: Sequence[Record] = ()) -> None:
        super().__init__(f"record of {size} bytes for {record.topic} exceeds the limit of {limit}")
        self.record = record
        self.written = written
