"""Reads the log without belonging to a group: its records, and the lag of a group."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.consumer import AIOKafkaConsumer

from wiredesk.bus import Consumed, Lag
from wiredesk.bus.kafka_client import asking, end_consumer, milliseconds
from wiredesk.bus.kafka_records import appended_at, to_consumed
from wiredesk.bus.kafka_topics import describe

READ_AT_ONCE = 200

AGE_PATIENCE = timedelta(seconds=5)
"""Time for the oldest unread records to arrive; an age that does not arrive in time is left out."""


async def start(settings: Mapping[str, Any], *, patience: timedelta) -> AIOKafkaConsumer:
    """A consumer for `lag`, without group."""
    # One byte is less than any record: a fetch then brings the first batch of each partition, and no more.
    return await _started(settings, patience=patience, max_partition_fetch_bytes=1)


async def _started(settings: Mapping[str, Any], *, patience: timedelta, **more: object) -> AIOKafkaConsumer:
    consumer = AIOKafkaConsumer(**settings, enable_auto_commit=False, auto_offset_reset="earliest", **more)
    try:
        async with asking("connection", within=patience):
            await consumer.start()
    except BaseException:
        await end_consumer(consumer)
        raise
    return consumer


@asynccontextmanager
async def _looking(settings: Mapping[str, Any], *, patience: timedelta) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = await _started(settings, patience=patience)
    try:
        yield consumer
    finally:
        await end_consumer(consumer)


async def browse(
    partitions: Sequence[TopicPartition], *, settings: Mapping[str, Any], patience: timedelta
) -> AsyncIterator[Consumed]:
    """Every record of `partitions` up to their present heads, in order within each and, across them, of time."""
    async with _looking(settings, patience=patience) as consumer:
        async with asking("offsets", within=patience):
            ends = await consumer.end_offsets(partitions)
            begins = await consumer.beginning_offsets(partitions)
            waiting = [partition for partition in partitions if begins[partition] < ends[partition]]
            if not waiting:
                return
            consumer.assign(waiting)
            await consumer.seek_to_beginning(*waiting)
        streams = {partition: _Stream(consumer, partition, ends[partition], patience) for partition in waiting}
        heads: list[tuple[datetime, int, TopicPartition, Consumed]] = []
        for partition in waiting:
            await _push_next(heads, streams[partition])
        while heads:
            *_, partition, consumed = heapq.heappop(heads)
            yield consumed
            await _push_next(heads, streams[partition])


class _Stream:
    """The records of one partition, read as they are asked for."""

    def __init__(self, consumer: AIOKafkaConsumer, partition: TopicPartition, end: int, patience: timedelta) -> None:
        self.partition = partition
        self._consumer, self._end, self._patience = consumer, end, patience
        self._read: deque[Consumed] = deque()

    async def next(self) -> Consumed | None:
        """The next one below the end; None after the last."""
        while not self._read:
            async with asking("fetch", within=self._patience):
                if await self._consumer.position(self.partition) >= self._end:
                    return None
                by_partition = await self._consumer.getmany(self.partition, timeout_ms=1_000, max_records=READ_AT_ONCE)
            self._read.extend(to_consumed(record) for record in by_partition.get(self.partition, ()))
        consumed = self._read.popleft()
        return consumed if consumed.offset < self._end else None


async def _push_next(heads: list[tuple[datetime, int, TopicPartition, Consumed]], stream: _Stream) -> None:
    consumed = await stream.next()
    if consumed is not None:
        heapq.heappush(heads, (consumed.at, consumed.partition, stream.partition, consumed))


async def partitions_of(admin: AIOKafkaAdminClient, topics: Sequence[str]) -> list[TopicPartition]:
    """Every partition of those of `topics` that exist, in order."""
    known = await describe(admin, topics)
    return [TopicPartition(topic, number) for topic in known for number in range(known[topic].partitions)]


async def committed(admin: AIOKafkaAdminClient, topics: Sequence[str], *, group: str) -> Mapping[TopicPartition, int]:
    """The next offset `group` reads of every partition of `topics`; -1 where it has never committed."""
    partitions = await partitions_of(admin, topics)
    if not partitions:
        return {}
    offsets = await admin.list_consumer_group_offsets(group, partitions=partitions)
    return {partition: offsets[partition].offset if partition in offsets else -1 for partition in partitions}


async def members(admin: AIOKafkaAdminClient, group: str) -> list[str]:
    """The ids of the members that `group` has now."""
    ids: list[str] = []
    for answer in await admin.describe_consumer_groups([group]):
        for described in answer.to_object()["groups"]:
            ids += [member["member_id"] for member in described["members"]]
    return ids


async def lag(
    committed: Mapping[TopicPartition, int], *, consumer: AIOKafkaConsumer, patience: timedelta
) -> Sequence[Lag]:
    """The lag, one row per partition, in order; `consumer` comes from `start`, and answers one request at a time."""
    async with asking("offsets", within=patience):
        begins = await consumer.beginning_offsets(list(committed))
        ends = await consumer.end_offsets(list(committed))
    # A commit older than the oldest kept record would count what is gone.
    places = {partition: max(offset, begins[partition]) for partition, offset in committed.items()}
    behind = {partition: place for partition, place in places.items() if place < ends[partition]}
    ages = await _ages(consumer, behind)
    return [
        Lag(
            topic=partition.topic,
            partition=partition.partition,
            committed=places[partition],
            head=ends[partition],
            oldest_at=ages.get(partition),
        )
        for partition in sorted(places)
    ]


async def _ages(
    consumer: AIOKafkaConsumer, places: Mapping[TopicPartition, int]
) -> Mapping[TopicPartition, datetime | None]:
    """When the first record of each place was appended; None where the record does not say so."""
    ages: dict[TopicPartition, datetime | None] = {}
    if not places:
        return ages
    consumer.assign(list(places))
    try:
        for partition, place in places.items():
            consumer.seek(partition, place)
        async with asking("fetch", within=2 * AGE_PATIENCE):
            while missing := places.keys() - ages.keys():
                by_partition = await consumer.getmany(
                    *missing, timeout_ms=milliseconds(AGE_PATIENCE), max_records=READ_AT_ONCE
                )
                if not by_partition:
                    return ages
                _note_first(ages, by_partition.items())
                consumer.pause(*by_partition)
    finally:
        consumer.unsubscribe()  # else it would go on fetching, for nobody
    return ages


def _note_first(
    ages: dict[TopicPartition, datetime | None], by_partition: Iterable[tuple[TopicPartition, Sequence[Any]]]
) -> None:
    for partition, records in by_partition:
        ages.setdefault(partition, appended_at(records[0]))
