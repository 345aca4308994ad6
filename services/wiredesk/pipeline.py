"""Consume, judge, publish, commit: the loop of every role that reads a topic, and its failure table.

A stage returns one fate per record. All outputs and dead letters of a batch are published, then the batch is
committed; a crash anywhere before means replay, and every effect is idempotent.

| what went wrong                          | what happens                                                       |
|------------------------------------------|--------------------------------------------------------------------|
| bytes are no event, or hold NUL          | that record to `dead`, the others go on                            |
| the stage returns `Dead`                 | to `dead` with the reason                                          |
| `Unavailable`, from anywhere             | the same again with growing pauses, partitions paused, not ready   |
| an output is too large or not Unicode    | the input to `dead`, cut: it never fits                            |
| the stage raises anything else           | item by item; the culprit to `dead` with its traceback             |
| 10 culprits in a row without a success   | crash: it is our bug                                               |
| lag, and no commit for too long          | crash: the supervisor starts us again (a client may hang for good) |
"""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeAlias, TypeVar

from wiredesk.bus import MAX_VALUE_BYTES, Bus, Consumed, Record, Subscription, TooLarge
from wiredesk.bus.records import dead_letter, header, to_event, to_record
from wiredesk.errors import Malformed, Unavailable, WiredeskError
from wiredesk.events import TYPES, Event, type_of
from wiredesk.observe import ITEMS, STAGE_SECONDS, Health, child_traceparent, log
from wiredesk.patience import patiently, wait_out
from wiredesk.stop import Stop

_log = log(__name__)

T = TypeVar("T", bound=Event)
R = TypeVar("R")

MAX_CULPRITS_IN_A_ROW = 10


class OurBug(WiredeskError):
    """Item after item fails in the same stage: going on would empty the topic into the dead letters."""


class Stalled(WiredeskError):
    """Records wait and nothing has been committed for too long: only a fresh start helps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received(Generic[T]):
    """An event and where it came from."""

    value: T
    topic: str
    partition: int
    offset: int
    headers: tuple[tuple[str, bytes], ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """The item went through; `outputs` are published in order. A duplicate is passed with reason `duplicate`."""

    outputs: Sequence[Event] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """The item ends here, as it should."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """The item cannot be accepted: to the dead letters."""

    reason: str
    error: str = ""
    traceback: str = ""


Fate: TypeAlias = Passed | Dropped | Dead
Stage: TypeAlias = Callable[[Sequence[Received[T]]], Awaitable[Sequence[Fate]]]
"""One fate per input, in order. Must be safe to call again with any of the same: replay is normal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Generic[T]):
    """A role's place in the flow; `reads` are topic names without prefix, `accepts` the events it understands."""

    role: str
    prefix: str
    reads: Sequence[str]
    accepts: tuple[type[T], ...]
    stall: timedelta = timedelta(minutes=5)
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    @property
    def group(self) -> str:
        """The consumer group."""
        return f"{self.prefix}.{self.role}"

    @property
    def topics(self) -> Sequence[str]:
        """Full names of the topics read."""
        return [f"{self.prefix}.{name}" for name in self.reads]


async def run(step: Step[T], stage: Stage[T], bus: Bus, *, health: Health, stop: Stop) -> None:
    """Run `stage` on everything `step` reads until `stop` is asked for.

    Raises `OurBug` and `Stalled`; `Unavailable` never leaves here.
    """
    loop = _Loop(step, stage, bus, health)
    async with AsyncExitStack() as stack:
        subscription = await patiently(
            lambda: stack.enter_async_context(bus.subscribe(step.topics, group=step.group)), health=health
        )
        async with asyncio.TaskGroup() as tasks:
            watchdog = tasks.create_task(loop.watch(), name=f"{step.role} watchdog")
            try:
                await loop.consume(subscription, stop)
            finally:
                watchdog.cancel()


class _Loop(Generic[T]):
    def __init__(self, step: Step[T], stage: Stage[T], bus: Bus, health: Health) -> None:
        self._step, self._stage, self._bus, self._health = step, stage, bus, health
        self._culprits_in_a_row = 0
        self._progress = time.monotonic()

    async def consume(self, subscription: Subscription, stop: Stop) -> None:
        batches = aiter(subscription)
        failures = 0
        while not stop.asked:
            try:
                batch = await stop.unless(anext(batches))
            except Unavailable as error:
                await wait_out(error, failures, health=self._health)
                failures += 1
                batches = aiter(subscription)
                continue
            failures = 0
            if batch is None:
                return
            await self._through(batch, subscription)
            self._health.found()

    async def _through(self, batch: Sequence[Consumed], subscription: Subscription) -> None:
        """Publish all that `batch` leads to, then commit; a step that is unavailable is done again, not skipped."""
        received, records = self._decode_all(batch)
        fates = await self.persist(lambda: self._settle(received), subscription)
        for item, consumed, fate in zip(received, self._sources(batch, received), fates, strict=True):
            records += self._records_for(item, consumed, fate)
        if records:
            await self.persist(lambda: self._bus.publish(records), subscription)
        await self.persist(lambda: subscription.commit(batch), subscription)

    def _decode_all(self, batch: Sequence[Consumed]) -> tuple[list[Received[T]], list[Record]]:
        received: list[Received[T]] = []
        malformed: list[Record] = []
        for consumed in batch:
            try:
                value = to_event(consumed)
                if not isinstance(value, self._step.accepts):
                    raise Malformed(f"{type_of(value)} is not read here")
            except Malformed as error:
                malformed.append(self._bury(consumed, Dead(reason="malformed", error=str(error))))
                continue
            received.append(
                Received(
                    value=value, topic=consumed.topic, partition=consumed.partition,
                    offset=consumed.offset, headers=consumed.headers, at=consumed.at,
                )
            )  # fmt: skip
        return received, malformed

    @staticmethod
    def _sources(batch: Sequence[Consumed], received: Sequence[Received[T]]) -> Sequence[Consumed]:
        at = {(consumed.topic, consumed.partition, consumed.offset): consumed for consumed in batch}
        return [at[item.topic, item.partition, item.offset] for item in received]

    async def _settle(self, received: Sequence[Received[T]]) -> Sequence[Fate]:
        if not received:
            return []
        started = time.perf_counter()
        try:
            fates = await self._stage(received)
            assert len(fates) == len(received), f"{len(fates)} fates for {len(received)} records"
            self._culprits_in_a_row = 0
        except Exception as error:  # noqa: BLE001 - the one place: whatever a stage raises must not stop its neighbours
            _raise_unavailable(error)
            fates = [await self._settle_alone(item) for item in received]
        STAGE_SECONDS.labels(self._step.role).observe(time.perf_counter() - started)
        return fates

    async def _settle_alone(self, item: Received[T]) -> Fate:
        try:
            (fate,) = await self._stage([item])
        except Unavailable:
            raise
        except Exception as error:
            self._culprits_in_a_row += 1
            if self._culprits_in_a_row >= MAX_CULPRITS_IN_A_ROW:
                raise OurBug(f"{self._culprits_in_a_row} items in a row failed in {self._step.role}") from error
            _log.error(
                "pipeline.item_failed", role=self._step.role, offset=item.offset, topic=item.topic, exc_info=True
            )
            return Dead(reason="failed", error=repr(error), traceback=traceback.format_exc())
        self._culprits_in_a_row = 0
        return fate

    def _records_for(self, item: Received[T], consumed: Consumed, fate: Fate) -> list[Record]:
        records: list[Record] = []
        if isinstance(fate, Passed):
            try:
                records = [self._record(output, consumed) for output in fate.outputs]
            except (Malformed, TooLarge) as error:
                fate, records = Dead(reason="unpublishable", error=str(error)), []
        if isinstance(fate, Dead):
            return [self._bury(consumed, fate)]
        self._count(type_of(item.value), "passed" if isinstance(fate, Passed) else "dropped", fate.reason)
        return records

    def _record(self, output: Event, consumed: Consumed) -> Record:
        record = to_record(
            output, prefix=self._step.prefix, role=self._step.role, now=self._step.now(),
            traceparent=child_traceparent(header(consumed, "traceparent")),
        )  # fmt: skip
        if len(record.value) > MAX_VALUE_BYTES:
            raise TooLarge(record, len(record.value), MAX_VALUE_BYTES)
        return record

    def _bury(self, consumed: Consumed, fate: Dead) -> Record:
        self._count(header(consumed, "ce_type") or "unknown", "dead", fate.reason)
        _log.warning(
            "pipeline.buried", role=self._step.role, topic=consumed.topic, partition=consumed.partition,
            offset=consumed.offset, reason=fate.reason, error=fate.error[:300],
        )  # fmt: skip
        return dead_letter(
            consumed, prefix=self._step.prefix, role=self._step.role, reason=fate.reason, error=fate.error,
            traceback=fate.traceback, now=self._step.now(),
        )  # fmt: skip

    def _count(self, kind: str, fate: str, reason: str) -> None:
        # A foreign record may claim any type: labels must stay few.
        ITEMS.labels(self._step.role, kind if kind in TYPES else "unknown", fate, reason).inc()

    async def persist(self, act: Callable[[], Awaitable[R]], subscription: Subscription) -> R:
        """What `act` gives, however long its dependencies are away; meanwhile the group keeps us."""
        result = await patiently(act, health=self._health, meanwhile=subscription.paused)
        self._progress = time.monotonic()
        return result

    async def watch(self) -> None:
        """Raise `Stalled` when records wait, nobody commits and this loop has not moved for `step.stall`."""
        committed, since = -1, time.monotonic()
        while True:
            await asyncio.sleep(self._step.stall.total_seconds() / 4)
            try:
                lag = await self._bus.lag(self._step.topics, group=self._step.group)
            except Unavailable:
                continue
            if self._health.down:  # a dependency is away, however long: that is no hang
                since = time.monotonic()
                continue
            total = sum(row.committed for row in lag)
            if total != committed or not any(row.records for row in lag):
                committed, since = total, time.monotonic()
            still = time.monotonic() - max(since, self._progress)
            if still > self._step.stall.total_seconds():
                waiting = sum(row.records for row in lag)
                raise Stalled(f"{self._step.role}: {waiting} records wait and nothing moved for {still:.0f} s")


def _raise_unavailable(error: Exception) -> None:
    """Raise the `Unavailable` that `error` is, or holds when a stage's task group wrapped it."""
    if isinstance(error, Unavailable):
        raise error
    if isinstance(error, ExceptionGroup):
        for inner in error.exceptions:
            _raise_unavailable(inner)
