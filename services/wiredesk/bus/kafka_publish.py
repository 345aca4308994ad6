"""Writing to Kafka so that a record answers for its own size only, and for nobody else's work.

The brokers refuse a whole batch for its size and do not say which record it was. So records for a topic whose limit
is below our batches go one by one. Where the limit was lowered since we asked, what is refused goes once more in that
way: the record that is refused again is too large, the others are written, and only once.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from aiokafka.errors import KafkaError, MessageSizeTooLargeError, OutOfOrderSequenceNumber, RecordListTooLargeError
from aiokafka.producer import AIOKafkaProducer

from wiredesk.bus import Record, TooLarge
from wiredesk.bus.kafka_client import asking, discard_producer, end_producer
from wiredesk.bus.limits import refuse_too_large, size_of
from wiredesk.errors import Unavailable

TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)

PRODUCER_SETTINGS = {"acks": "all", "enable_idempotence": True, "compression_type": "zstd", "linger_ms": 5}

BATCH_BYTES = 256 * 1024
"""16 KiB, the client's own measure, holds five articles: measured at a third of the speed."""

ALONE_BYTES = 1
"""A batch takes its first record whatever its size, so this makes batches of one."""

WIDE_BYTES = BATCH_BYTES + 4_096
"""The smallest limit of a topic that accepts every batch of ours, even one that compression makes no smaller."""

KNOWN_FOR = timedelta(minutes=10)
"""How long a topic's limit is cached; an administrator may change it at any time."""


class KafkaPublisher:
    """Writes through producers that all callers share; `limit_of` gives the `max.message.bytes` of a topic."""

    def __init__(
        self, settings: Mapping[str, Any], *, patience: timedelta, limit_of: Callable[[str], Awaitable[int]]
    ) -> None:
        self._patience, self._limit_of = patience, limit_of
        self._together = _Producers(settings, batch_bytes=BATCH_BYTES, patience=patience)
        self._alone = _Producers(settings, batch_bytes=ALONE_BYTES, patience=patience)
        self._limits: dict[str, tuple[int, float]] = {}  # by topic, and until when it is known
        self._asking = asyncio.Lock()  # so that many callers ask once

    async def close(self) -> None:
        """Flush and hang up."""
        await self._together.close()
        await self._alone.close()

    async def publish(self, records: Sequence[Record]) -> None:
        """See `Bus`."""
        refuse_too_large(records)
        if not records:
            return
        topics = ", ".join(sorted({record.topic for record in records}))
        try:
            async with asking(f"{len(records)} records for {topics}", within=self._patience):
                refused, limits = await self._publish(records)
        except Unavailable as error:
            if isinstance(error.__cause__, TimeoutError):  # else it would send late, behind our back
                await self._together.tear_down()
                await self._alone.tear_down()
            raise
        if refused:
            lost = {id(record) for record in refused}
            written = [record for record in records if id(record) not in lost]
            raise TooLarge(refused[0], size_of(refused[0]), limits[refused[0].topic], written=written)

    async def _publish(self, records: Sequence[Record]) -> tuple[Sequence[Record], Mapping[str, int]]:
        """Those that no batch is small enough for, and the limits by topic; all others are written."""
        limits = {topic: await self._limit(topic) for topic in sorted({record.topic for record in records})}
        passed = {id(record) for record in records if limits[record.topic] < WIDE_BYTES}
        refused = await self._together.send([record for record in records if id(record) not in passed])
        for topic in {record.topic for record in refused}:
            self._limits.pop(topic, None)  # it was lowered
            limits[topic] = await self._limit(topic)
        passed |= {id(record) for record in refused}
        # In their first order: those of one key may be among them.
        return await self._alone.send([record for record in records if id(record) in passed]), limits

    async def _limit(self, topic: str) -> int:
        async with self._asking:
            limit, until = self._limits.get(topic, (0, 0.0))
            if until <= time.monotonic():
                limit = await self._limit_of(topic)
                self._limits[topic] = limit, time.monotonic() + KNOWN_FOR.total_seconds()
            return limit


class _Producers:
    """The producer that callers share at present, and those before it that some still wait for.

    An idempotent producer that has lost a batch can write no more to that partition: the numbers have a hole, and the
    broker refuses all that follows. It gets no new work, and ends when the last who waits for it has its answers.
    """

    def __init__(self, settings: Mapping[str, Any], *, batch_bytes: int, patience: timedelta) -> None:
        self._settings = {**settings, **PRODUCER_SETTINGS, "max_batch_size": batch_bytes}
        self._is_alone, self._patience = batch_bytes == ALONE_BYTES, patience
        self._present: AIOKafkaProducer | None = None
        self._users: Counter[AIOKafkaProducer] = Counter()
        self._starting = asyncio.Lock()  # so that two callers do not start two

    async def send(self, records: Sequence[Record]) -> Sequence[Record]:
        """Write `records`; those that are not written, in order, where batches were refused for their size."""
        refused: list[Record] = []
        while records:
            async with self._used() as producer:
                errors = await _send(producer, records)
                if errors:
                    self._retire(producer)
            _raise_other(errors)
            if not self._is_alone and any(isinstance(error, TOO_LARGE) for error in errors.values()):
                # What came behind the hole is not written either, and must not overtake what was refused.
                return [record for place, record in enumerate(records) if place in errors]
            refused += [records[place] for place, error in errors.items() if isinstance(error, TOO_LARGE)]
            records = [records[place] for place, error in errors.items() if not isinstance(error, TOO_LARGE)]
        return refused

    async def tear_down(self) -> None:
        """Disconnect now; callers that wait get an error."""
        producer, self._present = self._present, None
        if producer is not None:
            await discard_producer(producer)

    async def close(self) -> None:
        """Flush and hang up."""
        producer, self._present = self._present, None
        if producer is not None:
            await end_producer(producer)

    def _retire(self, producer: AIOKafkaProducer) -> None:
        if self._present is producer:
            self._present = None

    @asynccontextmanager
    async def _used(self) -> AsyncIterator[AIOKafkaProducer]:
        async with self._starting:
            if self._present is None:
                self._present = await self._start()
            producer = self._present
        self._users[producer] += 1
        try:
            yield producer
        finally:
            self._users[producer] -= 1
            if not self._users[producer]:
                del self._users[producer]
                if producer is not self._present:
                    await end_producer(producer)

    async def _start(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(**self._settings)
        try:
            async with asking("connection", within=self._patience):
                await producer.start()
        except BaseException:
            await discard_producer(producer)
            raise
        return producer


async def _send(producer: AIOKafkaProducer, records: Sequence[Record]) -> dict[int, KafkaError]:
    """The errors by the index of their record, in order."""
    errors: dict[int, KafkaError] = {}
    futures: dict[int, asyncio.Future[object]] = {}
    try:
        for place, record in enumerate(records):
            try:
                futures[place] = await producer.send(
                    record.topic, value=record.value, key=record.key, headers=list(record.headers)
                )
            except TOO_LARGE as error:  # thousands of headers weigh more than their bytes
                errors[place] = error
        results = await asyncio.gather(*futures.values(), return_exceptions=True)
    except BaseException:
        # Who is cancelled does not wait for the answers; what is in a batch with others' records goes out all the same.
        for future in futures.values():
            future.cancel()
        raise
    failed = zip(futures, results, strict=True)
    errors |= {place: result for place, result in failed if isinstance(result, KafkaError)}
    return dict(sorted(errors.items()))


def _raise_other(errors: Mapping[int, KafkaError]) -> None:
    """Raise what is neither about size nor certain not to be written."""
    for error in errors.values():
        if not isinstance(error, (*TOO_LARGE, OutOfOrderSequenceNumber)):
            raise error
