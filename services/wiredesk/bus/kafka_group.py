"""A member of a consumer group."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.consumer import AIOKafkaConsumer
from aiokafka.errors import CommitFailedError, IllegalStateError
from aiokafka.structs import ConsumerRecord

from wiredesk.bus import Consumed
from wiredesk.bus.kafka_client import asking, end_consumer, milliseconds
from wiredesk.bus.open import KafkaOptions
from wiredesk.errors import Unavailable
from wiredesk.observe import log

_log = log(__name__)

MAX_BATCH_RECORDS = 200

POLL = timedelta(seconds=1)
"""How long one look for records waits; the next follows at once."""

NEVER_IDLE = timedelta(days=1)
"""The client itself leaves a group whose member has not polled for this long. Ours may wait for a dependency for hours; one
that hangs is found by the pipeline's watchdog instead."""

CONSUMER_SETTINGS = {
    "enable_auto_commit": False,
    "auto_offset_reset": "earliest",
    "fetch_max_bytes": 8 * 1024 * 1024,
    "max_partition_fetch_bytes": 1024 * 1024,
}


class KafkaSubscription:
    """Joins when first asked for a batch; a client that fails is replaced when asked again."""

    def __init__(
        self, topics: Sequence[str], *, group: str, member: str | None, options: KafkaOptions, settings: Mapping[str, Any],
        patience: timedelta,
    ) -> None:  # fmt: skip
        self._topics, self._group, self._member, self._options = topics, group, member, options
        self._settings, self._patience = settings, patience
        self._consumer: AIOKafkaConsumer | None = None
        self._assignments = _Assignments()
        self._read_in = 0  # the count of assignments when the last batch was read

    def __aiter__(self) -> AsyncIterator[Sequence[Consumed]]:
        return self

    async def __anext__(self) -> Sequence[Consumed]:
        consumer = self._consumer or await self._join()
        try:
            while True:
                async with asking("fetch", within=self._patience + POLL):
                    found = await consumer.getmany(timeout_ms=milliseconds(POLL), max_records=MAX_BATCH_RECORDS)
                batch = [to_consumed(record) for records in found.values() for record in records]
                if batch:
                    self._read_in = self._assignments.count
                    return batch
        except Unavailable:
            await self.close()
            raise

    async def commit(self, batch: Sequence[Consumed]) -> None:
        """See `Subscription`."""
        ends: dict[TopicPartition, int] = {}
        for consumed in batch:
            partition = TopicPartition(consumed.topic, consumed.partition)
            ends[partition] = max(ends.get(partition, 0), consumed.offset + 1)
        consumer = self._consumer
        if consumer is None:
            return
        async with asking("commit", within=self._patience):
            try:
                rebalanced = self._assignments.count != self._read_in
                ends = await self._still_ours(consumer, ends) if rebalanced else ends
                if ends:
                    await consumer.commit(ends)
                if rebalanced:
                    for partition, end in ends.items():  # it went back to the old commit: spare us the replay
                        consumer.seek(partition, end)
            except (CommitFailedError, IllegalStateError) as error:
                _log.info("bus.commit_skipped", group=self._group, reason=str(error))

    def paused(self) -> AbstractAsyncContextManager[None]:
        """See `Subscription`. The client keeps up its heartbeats and rejoins by itself, and fetches ahead a few MB only."""
        return nullcontext()

    async def close(self) -> None:
        """Leave, unless static: then the partitions wait for our next life until the session is over."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await end_consumer(consumer)

    async def _join(self) -> AIOKafkaConsumer:
        session = milliseconds(self._options.session)
        consumer = AIOKafkaConsumer(
            **self._settings, **CONSUMER_SETTINGS, group_id=self._group, group_instance_id=self._member,
            session_timeout_ms=session, heartbeat_interval_ms=min(3_000, session // 3), rebalance_timeout_ms=session,
            max_poll_interval_ms=milliseconds(NEVER_IDLE),
        )  # fmt: skip
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


class _Assignments(ConsumerRebalanceListener):  # type: ignore[misc]
    """Counts them: a batch read in an earlier one may hold partitions that have been elsewhere since."""

    def __init__(self) -> None:
        self.count = 0

    def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        self.count += 1

    def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        _log.info("bus.partitions_assigned", partitions=sorted(f"{item.topic}:{item.partition}" for item in assigned))


def to_consumed(record: ConsumerRecord) -> Consumed:
    """A record as Kafka gives it; what foreign producers leave out is empty."""
    return Consumed(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        at=datetime.fromtimestamp(record.timestamp / 1000, UTC),
        key=record.key or b"",
        value=record.value or b"",
        headers=tuple((name, value or b"") for name, value in record.headers),
    )
