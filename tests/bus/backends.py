"""A log under test, and what tests do with it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from subprocess import DEVNULL, PIPE

from wiredesk.bus import Bus, Consumed, Record, Subscription, TopicSpec
from wiredesk.bus.kafka_options import KafkaOptions
from wiredesk.bus.open import open_bus

SESSION = timedelta(seconds=6)
PATIENCE = 60.0
WEEK = timedelta(days=7)
MAIN = Path(__file__).with_name("member.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A log that any number of processes may open; topics and groups of a test begin with `prefix`."""

    url: str
    prefix: str

    @property
    def is_kafka(self) -> bool:
        return self.url.startswith("kafka:")

    @property
    def topic(self) -> str:
        return f"{self.prefix}.entries"

    @property
    def group(self) -> str:
        return f"{self.prefix}.pages"

    def open(self, instance: str = "") -> Bus:
        """What one process opens."""
        return open_bus(self.url, options=KafkaOptions(session=SESSION), client="test", instance=instance)

    @asynccontextmanager
    async def member(self, instance: str, *topics: str) -> AsyncIterator[tuple[Bus, Subscription]]:
        """A process that reads, its log and its subscription."""
        async with self.open(instance) as bus, bus.subscribe(topics or [self.topic], group=self.group) as subscription:
            yield bus, subscription

    @asynccontextmanager
    async def other_process(self, instance: str) -> AsyncIterator[asyncio.subprocess.Process]:
        """A real process that reads one batch, commits nothing and says so in a line; ended by SIGKILL."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, MAIN, self.url, self.topic, self.group, instance, stdout=PIPE, stdin=DEVNULL
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


def spec(name: str, *, partitions: int = 4, retention: timedelta = WEEK, **settings: str) -> TopicSpec:
    return TopicSpec(
        name=name,
        partitions=partitions,
        replication=1,
        retention=retention,
        settings={key.replace("_", "."): value for key, value in settings.items()},
    )


def record(topic: str, key: str, value: str | bytes, **headers: bytes) -> Record:
    encoded = value.encode() if isinstance(value, str) else value
    return Record(topic=topic, key=key.encode(), value=encoded, headers=tuple(headers.items()))


async def read(subscription: Subscription, count: int, *, commit: bool = True) -> list[Consumed]:
    """The next `count` records or more, each batch committed when it was read."""
    found: list[Consumed] = []
    async with asyncio.timeout(PATIENCE):
        while len(found) < count:
            batch = await anext(aiter(subscription))
            assert batch
            found += batch
            if commit:
                await subscription.commit(batch)
    return found


async def browsed(bus: Bus, topic: str) -> list[Consumed]:
    async with aclosing(bus.browse(topic)) as records:  # type: ignore[type-var]
        return [consumed async for consumed in records]


def values(records: Sequence[Record]) -> list[str]:
    return [one.value.decode() for one in records]
