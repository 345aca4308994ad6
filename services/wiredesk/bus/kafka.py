"""The log on Apache Kafka."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Self

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.consumer import AIOKafkaConsumer

from wiredesk.bus import Change, Consumed, Lag, Record, Subscription, TopicSpec, kafka_look, kafka_topics
from wiredesk.bus.kafka_client import Reconnecting, asking, connection_settings, end_admin, end_consumer
from wiredesk.bus.kafka_group import KafkaSubscription
from wiredesk.bus.kafka_options import KafkaOptions
from wiredesk.bus.kafka_publish import KafkaPublisher
from wiredesk.bus.limits import MAX_RECORD_BYTES
from wiredesk.errors import Unavailable

PATIENCE = timedelta(seconds=30)
"""Timeout of one `publish` with all its records, or of one request to the brokers."""


class KafkaBus:
    """The log on the brokers at `servers`; see `open_bus` for `client` and `instance`."""

    def __init__(
        self,
        servers: Sequence[str],
        *,
        options: KafkaOptions,
        client: str,
        instance: str,
        patience: timedelta = PATIENCE,
    ) -> None:
        self._options, self._instance, self._patience = options, instance, patience
        self._settings = connection_settings(servers, options, client=client)

    async def __aenter__(self) -> Self:
        self._publisher = KafkaPublisher(self._settings, patience=self._patience, limit_of=self._limit_of)
        self._looker: Reconnecting[AIOKafkaConsumer] = Reconnecting(
            self._start_looker, end=end_consumer, tear_down=end_consumer
        )
        self._looking = asyncio.Lock()  # the looker reads for one question at a time
        self._admin: Reconnecting[AIOKafkaAdminClient] = Reconnecting(
            self._start_admin, end=end_admin, tear_down=end_admin
        )
        await self._admin.get()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._publisher.close()
        await self._looker.close()
        await self._admin.close()

    async def publish(self, records: Sequence[Record]) -> None:
        """See `Bus`. Where the brokers' limit is lower than ours, all others are written when `TooLarge` is raised."""
        await self._publisher.publish(records)

    @asynccontextmanager
    async def subscribe(self, topics: Sequence[str], *, group: str) -> AsyncIterator[Subscription]:
        """See `Bus`; the group is joined by the first iteration."""
        subscription = KafkaSubscription(
            topics,
            group=group,
            member=self._member_of(group),
            options=self._options,
            settings=self._settings,
            patience=self._patience,
            members=partial(self._members_of, group),
        )
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
        async with self._looking:
            looker = await self._looker.get()
            try:
                return await kafka_look.lag(committed, consumer=looker, patience=self._patience)
            except Unavailable:
                await self._looker.drop(looker)
                raise

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

    async def _start_looker(self) -> AIOKafkaConsumer:
        return await kafka_look.start(self._settings, patience=self._patience)

    async def _limit_of(self, topic: str) -> int:
        """The largest record that `topic` accepts, where we have the right to read its settings."""
        try:
            async with self._asking_admin(f"the settings of {topic}") as admin:
                return await kafka_topics.record_limit(admin, topic)
        except Unavailable:
            return MAX_RECORD_BYTES

    def _member_of(self, group: str) -> str | None:
        """The static member `<role>-<instance>`, in the characters that Kafka allows; no two instances share one."""
        if not self._instance:
            return None
        name = f"{group.rpartition('.')[2]}-{self._instance}"
        allowed = re.sub(r"[^a-zA-Z0-9._-]", "-", name)[:200]
        if allowed == name:
            return name
        return f"{allowed}.{hashlib.blake2b(name.encode(), digest_size=8).hexdigest()}"
