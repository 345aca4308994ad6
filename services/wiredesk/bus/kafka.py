"""The log on Apache Kafka."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Self

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError
from aiokafka.producer import AIOKafkaProducer

from wiredesk.bus import Change, Consumed, Lag, Record, Subscription, TooLarge, TopicSpec, kafka_look, kafka_topics
from wiredesk.bus.kafka_client import (
    Kept,
    asking,
    connection_settings,
    discard_producer,
    end_admin,
    end_producer,
)
from wiredesk.bus.kafka_group import KafkaSubscription
from wiredesk.bus.kafka_options import KafkaOptions
from wiredesk.bus.limits import MAX_RECORD_BYTES, refuse_too_large, size_of
from wiredesk.errors import Unavailable

PATIENCE = timedelta(seconds=30)
"""For all records of one `publish`, or one question to the brokers."""

PRODUCER_SETTINGS = {
    "acks": "all",
    "enable_idempotence": True,
    "compression_type": "zstd",
    "linger_ms": 5,
    "max_batch_size": 256 * 1024,  # 16 KiB, the default, holds five articles: measured at a third of the speed
}


class KafkaBus:
    """The log on the brokers at `servers`; see `open_bus` for `client` and `instance`."""

    def __init__(
        self, servers: Sequence[str], *, options: KafkaOptions, client: str, instance: str,
        patience: timedelta = PATIENCE,
    ) -> None:  # fmt: skip
        self._options, self._instance, self._patience = options, instance, patience
        self._settings = connection_settings(servers, options, client=client)

    async def __aenter__(self) -> Self:
        self._producer: Kept[AIOKafkaProducer] = Kept(
            self._start_producer, end=end_producer, tear_down=discard_producer
        )
        self._admin: Kept[AIOKafkaAdminClient] = Kept(self._start_admin, end=end_admin, tear_down=end_admin)
        await self._admin.get()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._producer.close()
        await self._admin.close()

    async def publish(self, records: Sequence[Record]) -> None:
        """See `Bus`. Where the brokers' limit is lower than ours, others may be written before `TooLarge` is raised."""
        refuse_too_large(records)
        if not records:
            return
        producer = await self._producer.get()
        topics = ", ".join(sorted({record.topic for record in records}))
        try:
            async with asking(f"{len(records)} records for {topics}", within=self._patience):
                await _send(producer, records)
        except BaseException:
            await self._producer.drop(producer)
            raise

    @asynccontextmanager
    async def subscribe(self, topics: Sequence[str], *, group: str) -> AsyncIterator[Subscription]:
        """See `Bus`; the group is joined by the first iteration."""
        subscription = KafkaSubscription(
            topics, group=group, member=self._member_of(group), options=self._options, settings=self._settings,
            patience=self._patience, members=partial(self._members_of, group),
        )  # fmt: skip
        try:
            yield subscription
        finally:
            await subscription.close()

    async def browse(self, topic: str) -> AsyncIterator[Consumed]:
        """See `Bus`; partitions are merged by time."""
        async with self._asking_admin("topics") as admin:
            partitions = await kafka_look.partitions_of(admin, [topic])
        async for consumed in kafka_look.browse(partitions, settings=self._settings, patience=self._patience):
            yield consumed

    async def lag(self, topics: Sequence[str], *, group: str) -> Sequence[Lag]:
        """See `Bus`."""
        async with self._asking_admin("lag") as admin:
            committed = await kafka_look.committed(admin, topics, group=group)
        return await kafka_look.lag(committed, settings=self._settings, patience=self._patience)

    async def plan(self, topics: Sequence[TopicSpec]) -> Sequence[Change]:
        """See `Bus`."""
        async with self._asking_admin("topics") as admin:
            return await kafka_topics.plan(admin, topics)

    async def apply(self, topics: Sequence[TopicSpec]) -> Sequence[Change]:
        """See `Bus`; a changed number of partitions would break the order per key, so it is refused."""
        async with self._asking_admin("topics") as admin:
            return await kafka_topics.apply(admin, topics)

    async def check(self) -> None:
        """See `Bus`."""
        async with self._asking_admin("a question about the cluster") as admin:
            await admin.describe_cluster()

    async def _members_of(self, group: str) -> Sequence[str]:
        async with self._asking_admin("the members of a group") as admin:
            return await kafka_look.members(admin, group)

    @asynccontextmanager
    async def _asking_admin(self, what: str) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = await self._admin.get()
        try:
            async with asking(what, within=self._patience):
                yield admin
        except Unavailable:
            await self._admin.drop(admin)
            raise

    async def _start_admin(self) -> AIOKafkaAdminClient:
        admin = AIOKafkaAdminClient(**self._settings)
        try:
            async with asking("connection", within=self._patience):
                await admin.start()
        except BaseException:
            await end_admin(admin)
            raise
        return admin

    async def _start_producer(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(**self._settings, **PRODUCER_SETTINGS)
        try:
            async with asking("connection", within=self._patience):
                await producer.start()
        except BaseException:
            await discard_producer(producer)
            raise
        return producer

    def _member_of(self, group: str) -> str | None:
        """The static member `<role>-<instance>`, in the characters that Kafka allows."""
        if not self._instance:
            return None
        return re.sub(r"[^a-zA-Z0-9._-]", "-", f"{group.rpartition('.')[2]}-{self._instance}")[:249]


async def _start_sending(producer: AIOKafkaProducer, record: Record) -> asyncio.Future[object]:
    """The future of a record that is in a batch to be sent; waits for room."""
    try:
        future: asyncio.Future[object] = await producer.send(
            record.topic, value=record.value, key=record.key, headers=list(record.headers)
        )
    except MessageSizeTooLargeError as error:  # thousands of headers weigh more than their bytes
        raise TooLarge(record, size_of(record), MAX_RECORD_BYTES) from error
    return future


async def _send(producer: AIOKafkaProducer, records: Sequence[Record]) -> None:
    futures = []
    try:
        for record in records:
            futures.append(await _start_sending(producer, record))
        results = await asyncio.gather(*futures, return_exceptions=True)
    except BaseException:
        for future in futures:
            future.cancel()
        raise
    failed = [
        (record, result) for record, result in zip(records, results, strict=True) if isinstance(result, KafkaError)
    ]
    if not failed:
        return
    refused = [
        record for record, error in failed if isinstance(error, MessageSizeTooLargeError | RecordListTooLargeError)
    ]
    if refused:  # the broker refuses a whole batch and does not say which record it was
        largest = max(refused, key=size_of)
        raise TooLarge(largest, size_of(largest), MAX_RECORD_BYTES)
    raise failed[0][1]
