"""A role at work on a log: articles in, judged articles out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from tests.bus.backends import PATIENCE, Log, browsed, read
from wiredesk import pipeline
from wiredesk.bus import Bus, Consumed, Record
from wiredesk.bus.records import header, to_record
from wiredesk.errors import Unavailable
from wiredesk.events import CollectedArticle, Event, Extraction, JudgedArticle, Times, Verdict
from wiredesk.fates import Fate, Passed, Received, Stage
from wiredesk.observe import Health
from wiredesk.pipeline import Step
from wiredesk.stop import Stop

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
T = TypeVar("T", bound=Event)
Items = Sequence[Received[CollectedArticle]]


def article(
    name: str, *, text: str = "Rain fell on the town.", url: str = "", source: str = "herald.example"
) -> CollectedArticle:
    url = url or f"https://herald.example/{name}"
    return CollectedArticle(
        id=name,
        capture=f"capture of {name}",
        entry="e",
        url=url,
        fetched_url=url,
        feed="https://herald.example/rss",
        source=source,
        title=name,
        text=text,
        extraction=Extraction(method="test", confidence=1.0),
        times=Times(collected=NOW),
    )


def judged(item: CollectedArticle, *, text: str = "Rain.", url: str = "") -> JudgedArticle:
    return JudgedArticle(
        id=item.id,
        capture=item.capture,
        entry="e",
        url=url or item.url,
        fetched_url=item.url,
        feed=item.feed,
        source=item.source,
        title=item.title,
        text=text,
        extraction=item.extraction,
        verdict=Verdict(kind="new"),
        times=Times(collected=NOW, deduplicated=NOW),
    )


async def passing(items: Items) -> Sequence[Fate]:
    """A stage that passes everything."""
    return [Passed(outputs=[judged(item.value)]) for item in items]


class Told(Health):
    """Health that tells of every change."""

    def __init__(self, role: str) -> None:
        super().__init__(role)
        self.changed = asyncio.Event()

    def lost(self, dependency: str, why: str, *, by: Hashable = None) -> None:
        super().lost(dependency, why, by=by)
        self.changed.set()

    def found(self, *dependencies: str, by: Hashable = None) -> None:
        super().found(*dependencies, by=by)
        self.changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


@dataclass(kw_only=True)
class Desk:
    """Topics of a test, and the role that reads `collected` and writes `unique`."""

    bus: Bus
    log: Log
    stall: timedelta = timedelta(minutes=5)
    health: Told = field(default_factory=lambda: Told("dedupe"))

    def topic(self, name: str) -> str:
        return f"{self.log.prefix}.{name}"

    @property
    def step(self) -> Step[CollectedArticle]:
        return Step(
            role="dedupe",
            prefix=self.log.prefix,
            reads=("collected",),
            accepts=(CollectedArticle,),
            stall=self.stall,
            now=lambda: NOW,
        )

    def carrying(self, event: Event, *, traceparent: str = "") -> Record:
        return to_record(event, prefix=self.log.prefix, role="pages", now=NOW, traceparent=traceparent)

    async def give(self, *names: str) -> None:
        """Publish an article for each of `names`."""
        await self.bus.publish([self.carrying(article(name)) for name in names])

    async def give_each_of_a_host(self, *names: str) -> None:
        """The same, each from a publisher of its own."""
        articles = [article(name, source=f"{number}.example") for number, name in enumerate(names)]
        await self.bus.publish([self.carrying(item) for item in articles])

    @asynccontextmanager
    async def running(
        self, stage: Callable[[Items], Awaitable[Sequence[Fate]]] = passing, *, bus: Bus | None = None
    ) -> AsyncIterator[None]:
        """See `at_work`."""
        async with at_work(self.step, stage, bus or self.bus, health=self.health):
            yield

    async def arrive(self, topic: str, count: int) -> list[Consumed]:
        """The first `count` records of `topic` or more, as soon as they are there."""
        async with self.bus.subscribe([self.topic(topic)], group=f"{self.log.prefix}.reader-{topic}") as subscription:
            return await read(subscription, count, commit=False)

    async def waiting(self) -> int:
        """Records that the role has not committed."""
        return sum(row.records for row in await self.bus.lag(self.step.topics, group=self.step.group))

    async def settled(self) -> dict[str, list[str]]:
        """What came out, by topic; nothing may wait any more."""
        assert await self.waiting() == 0
        return {name: ids_of(await browsed(self.bus, self.topic(name))) for name in ("unique", "dead")}


@asynccontextmanager
async def at_work(
    step: Step[T], stage: Stage[T], bus: Bus, *, health: Health | None = None, patience: float = PATIENCE
) -> AsyncIterator[None]:
    """The step runs while the block does; at its end it finishes the batch in hand."""
    stop = Stop()
    async with asyncio.timeout(patience), asyncio.TaskGroup() as tasks:
        tasks.create_task(pipeline.run(step, stage, bus, health=health or Health(step.role), stop=stop))
        try:
            yield
        finally:
            stop.ask()


def ids_of(records: Sequence[Record]) -> list[str]:
    return [header(record, "ce_id").removeprefix("capture of ") for record in records]


class Away:
    """A dependency that is away for the first `times` calls."""

    def __init__(self, times: int, *, dependency: str = "database") -> None:
        self.left, self.dependency = times, dependency

    def ask(self) -> None:
        if self.left:
            self.left -= 1
            raise Unavailable("connection refused", dependency=self.dependency)

    async def ask_as_task(self) -> None:
        self.ask()
