"""The partitions that a member is assigned, and whether another process has taken its place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.consumer import AIOKafkaConsumer

from wiredesk.bus.kafka_client import FencedInstanceId
from wiredesk.errors import Unavailable
from wiredesk.observe import log

_log = log(__name__)

UUID_LENGTH = 36


class Assignments(ConsumerRebalanceListener):  # type: ignore[misc]
    """Counts assignments: a batch of an earlier one may hold partitions that another member has had since.

    Also finds out who is put out of the group by another process under its own name. Brokers tell such a member only
    that they do not know it; to join again would put out the other one, and so on for ever.
    """

    def __init__(
        self, member: str | None, members: Callable[[], Awaitable[Sequence[str]]], consumer: AIOKafkaConsumer | None
    ) -> None:
        self.count = 0
        self.changing = True
        self.fresh: set[TopicPartition] = set()  # of these nothing has been read since they came
        self._member, self._members, self._consumer = member, members, consumer
        self._joined_as = ""
        self._is_fenced = False

    def raise_if_fenced(self) -> None:
        """Raise `FencedInstanceId` where another process has taken our place."""
        if self._is_fenced:
            raise FencedInstanceId

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """The client's call before it gives partitions back."""
        self.count += 1
        self.changing = True
        if self._member and self._joined_as and await self._is_taken(self._member):
            self._is_fenced = True
            coordinator = self._coordinator()
            coordinator._max_poll_interval = 0  # whoever is idle for so long does not join again
            await coordinator._push_error_to_user(FencedInstanceId())

    def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """The client's call when it has got partitions."""
        self.changing = False
        self.fresh = set(assigned)
        self._joined_as = self._coordinator().member_id
        _log.info("bus.partitions_assigned", partitions=sorted(f"{item.topic}:{item.partition}" for item in assigned))

    def _coordinator(self) -> Any:
        assert self._consumer is not None
        return self._consumer._coordinator

    async def _is_taken(self, member: str) -> bool:
        if self._coordinator().member_id:
            return False  # a rebalance like any other: the brokers know us
        try:
            present = await self._members()
        except Unavailable:
            return False
        # Brokers name a static member INSTANCE-UUID.
        strangers = [name for name in present if name[:-UUID_LENGTH] == f"{member}-" and name != self._joined_as]
        return bool(strangers)
