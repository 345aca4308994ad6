"""A member of a consumer group."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from aiokafka import TopicPartition
from aiokafka.consumer import AIOKafkaConsumer
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from wiredesk.bus import Consumed
from wiredesk.bus.kafka_assignments import Assignments
from wiredesk.bus.kafka_client import asking, end_consumer, milliseconds
from wiredesk.bus.kafka_options import KafkaOptions
from wiredesk.bus.kafka_records import to_consumed
from wiredesk.errors import Unavailable
from wiredesk.observe import EXPIRED, log

_log = log(__name__)

MAX_BATCH_RECORDS = 200

POLL = timedelta(seconds=1)
"""How long one fetch waits for records; the next follows at once."""

NEVER_IDLE = timedelta(days=1)
"""The client itself leaves a group whose member has not polled for this long. Ours may wait for a dependency for hours; one
that hangs is found by the pipeline's watchdog instead."""

CONSUMER_SETTINGS = {
    "enable_auto_commit": False,
    "auto_offset_reset": "earliest",
    "fetch_max_bytes": 8 * 1024 * 1024,
    "max_partition_fetch_bytes": 1024 * 1024,
    # A topic that is made, or deleted and made anew, is noticed by this alone; the client's own measure is 5 minutes.
    "metadata_max_age_ms": 10_000,
    # The broker answers at once when there is something; else each answer of nothing is work for both.
    "fetch_max_wait_ms": 1_500,
}


class KafkaSubscription:
    """Joins the group at the first request for a batch; the next request replaces a client that failed."""

    def __init__(
        self,
        topics: Sequence[str],
        *,
        group: str,
        member: str | None,
        options: KafkaOptions,
        settings: Mapping[str, Any],
        patience: timedelta,
        members: Callable[[], Awaitable[Sequence[str]]],
    ) -> None:
        self._topics, self._group, self._member, self._options = topics, group, member, options
        self._settings, self._patience, self._members = settings, patience, members
        self._consumer: AIOKafkaConsumer | None = None
        self._assignments = Assignments(member, members, None)
        self._read_in = 0  # the count of assignments when the last batch was read
        self._ends: dict[TopicPartition, int] = {}  # where reading should go on
        self._last: dict[TopicPartition, int] = {}  # the last record given out of each; it is to be committed
        self._marked: dict[TopicPartition, int] = {}  # what is committed, as far as we did it
        self._marked_in = 0  # of which assignment
        for topic in topics:
            EXPIRED.labels(group, topic)  # there from the start, so that its first increase is seen

    def __aiter__(self) -> AsyncIterator[Sequence[Consumed]]:
        return self

    async def __anext__(self) -> Sequence[Consumed]:
        consumer = self._consumer or await self._join()
        try:
            while True:
                # A rebalance holds the fetch up until every member has joined again or its session is over.
                async with asking("fetch", within=self._options.session + self._patience):
                    self._assignments.raise_if_fenced()
                    by_partition = await consumer.getmany(timeout_ms=milliseconds(POLL), max_records=MAX_BATCH_RECORDS)
                    self._read_in = self._assignments.count
                    await self._tell_of_expired(
                        consumer, {partition: records[0].offset for partition, records in by_partition.items()}
                    )
                self._note(consumer, by_partition)
                if by_partition:
                    return [to_consumed(record) for records in by_partition.values() for record in records]
                await self._commit_passed(consumer)
        except Unavailable:
            await self.close()
            raise

    async def commit(self, batch: Sequence[Consumed]) -> None:
        """See `Subscription`."""
        ends: dict[TopicPartition, int] = {}
        for consumed in batch:
            partition = TopicPartition(consumed.topic, consumed.partition)
            ends[partition] = max(ends.get(partition, 0), consumed.offset + 1)
        for partition, end in ends.items():
            if self._last.get(partition) == end - 1:
                del self._last[partition]
                ends[partition] = self._ends[partition]
        consumer = self._consumer
        if consumer is None:
            return
        async with asking("commit", within=self._patience):
            try:
                rebalanced = self._assignments.count != self._read_in
                if not rebalanced:
                    ends = self._passed(consumer) | ends
                ends = await self._still_ours(consumer, ends) if rebalanced else ends
                if ends:
                    await consumer.commit(ends)
                    self._marked |= ends
                if rebalanced:
                    for partition, end in ends.items():  # it went back to the old commit: spare us the replay
                        consumer.seek(partition, end)
            except (CommitFailedError, IllegalStateError) as error:
                _log.info("bus.commit_skipped", group=self._group, reason=str(error))

    def _note(self, consumer: AIOKafkaConsumer, by_partition: Mapping[TopicPartition, Sequence[Any]]) -> None:
        """Remember where reading goes on: a position, not a count.

        Behind the last record there may be marks of foreign transactions, or what compaction has left of others.
        """
        for partition, records in by_partition.items():
            self._last[partition] = records[-1].offset
            self._ends[partition] = max(records[-1].offset + 1, _position(consumer, partition) or 0)

    def _passed(self, consumer: AIOKafkaConsumer) -> dict[TopicPartition, int]:
        """The positions that no batch will commit, as no record came, and that are not committed yet.

        Uncommitted, offsets without a record would count as lag, and the member would be taken for one that hangs.
        """
        positions = {
            partition: _position(consumer, partition) for partition in consumer.assignment() - self._last.keys()
        }
        return {
            partition: position
            for partition, position in positions.items()
            if position is not None and position != self._marked.get(partition)
        }

    async def _commit_passed(self, consumer: AIOKafkaConsumer) -> None:
        if self._marked_in != self._assignments.count:
            self._marked_in = self._assignments.count
            self._marked.clear()  # partitions have been elsewhere, where less may be committed
        ends = self._passed(consumer)
        if not ends or self._assignments.changing:
            return
        async with asking("commit", within=self._patience):
            try:
                await consumer.commit(ends)
            except (CommitFailedError, IllegalStateError) as error:
                _log.info("bus.commit_skipped", group=self._group, reason=str(error))
                return
        self._marked |= ends
        self._ends |= ends

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """See `Subscription`. Partitions are paused and polling goes on: Kafka expels a member that does not poll."""
        consumer = self._consumer
        if consumer is None:
            yield
            return
        consumer.pause(*consumer.assignment())
        async with asyncio.TaskGroup() as tasks:
            asking_on = tasks.create_task(_ask_on(consumer), name=f"{self._group} paused")
            try:
                yield
            finally:
                asking_on.cancel()
                consumer.resume(*consumer.paused())

    def held(self) -> frozenset[tuple[str, int]] | None:
        """See `Subscription`."""
        if self._consumer is None or self._assignments.changing:
            return None
        return frozenset((partition.topic, partition.partition) for partition in self._consumer.assignment())

    async def close(self) -> None:
        """Leave the group; a static member's partitions wait for its next start until the session is over."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await end_consumer(consumer)

    async def _join(self) -> AIOKafkaConsumer:
        session = milliseconds(self._options.session)
        consumer = AIOKafkaConsumer(
            **self._settings,
            **CONSUMER_SETTINGS,
            group_id=self._group,
            group_instance_id=self._member,
            session_timeout_ms=session,
            heartbeat_interval_ms=min(3_000, session // 3),
            rebalance_timeout_ms=session,
            max_poll_interval_ms=milliseconds(NEVER_IDLE),
        )
        self._assignments = Assignments(self._member, self._members, consumer)
        self._read_in = 0
        self._last, self._marked = {}, {}
        consumer.subscribe(self._topics, listener=self._assignments)
        try:
            # Whoever left without a word is waited for until the end of its session.
            async with asking(f"joining {self._group}", within=self._options.session + self._patience):
                await consumer.start()
        except BaseException:
            await end_consumer(consumer)
            raise
        self._consumer = consumer
        return consumer

    async def _tell_of_expired(self, consumer: AIOKafkaConsumer, starts: Mapping[TopicPartition, int]) -> None:
        """Log an error where reading continues behind the commit and the last batch: retention has overtaken us."""
        for partition, start in starts.items():
            if partition in self._assignments.fresh:
                self._assignments.fresh.discard(partition)
                offset = await consumer.committed(partition)
            else:
                offset = self._ends.get(partition)
            # Foreign producers' transactions leave gaps as well, but in what is kept.
            if offset is None or offset >= start or not await _is_gone(consumer, partition, offset):
                continue
            EXPIRED.labels(self._group, partition.topic).inc(start - offset)
            _log.error("bus.records_expired", group=self._group, topic=partition.topic, records=start - offset)

    async def _still_ours(
        self, consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]
    ) -> dict[TopicPartition, int]:
        """Ends in partitions that are ours after a rebalance and that nobody has committed past meanwhile."""
        kept = {}
        for partition in consumer.assignment() & ends.keys():
            committed = await consumer.committed(partition)
            if (committed or 0) < ends[partition]:
                kept[partition] = ends[partition]
        return kept


def _position(consumer: AIOKafkaConsumer, partition: TopicPartition) -> int | None:
    """The next offset to read, past all that holds no record; None where that is not known yet."""
    # The client's own method waits until it is known, which may be after the next rebalance.
    assignment = consumer._subscription.subscription.assignment
    if assignment is None or partition not in assignment.tps:
        return None
    state = assignment.state_value(partition)
    position: int | None = state.position if state.has_valid_position else None
    return position


async def _is_gone(consumer: AIOKafkaConsumer, partition: TopicPartition, offset: int) -> bool:
    oldest: dict[TopicPartition, int] = await consumer.beginning_offsets([partition])
    return offset < oldest[partition]


async def _ask_on(consumer: AIOKafkaConsumer) -> None:
    """Poll paused partitions, which gives no records, until cancelled: a client that does not poll leaves its group."""
    while True:
        consumer.pause(*consumer.assignment())
        try:
            by_partition = await consumer.getmany(timeout_ms=milliseconds(POLL), max_records=1)
            for (
                partition,
                records,
            ) in by_partition.items():  # assigned a moment ago, so not paused: it is read again later
                consumer.seek(partition, records[0].offset)
        except (KafkaError, OSError):
            return  # the next batch asked for tells
