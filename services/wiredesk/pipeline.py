"""Consume, judge, publish, commit: the loop of every role that reads a topic, and its failure table.

A stage returns one fate per record. All outputs and dead letters of a batch are published, then the batch is
committed; a crash anywhere before means replay, and every effect is idempotent.

| what went wrong                          | what happens                                                       |
|------------------------------------------|--------------------------------------------------------------------|
| bytes are no event, or hold NUL          | that record to `dead`, the others go on                            |
| its time or a header cannot be read      | the same                                                           |
| the stage returns `Dead`                 | to `dead` with the reason                                          |
| `Unavailable`, from anywhere             | the same again with growing pauses, partitions paused, not ready   |
|                                          | until it got through; it makes no culprit                          |
| an output is too large or not Unicode    | the input to `dead`; what was published with it is not repeated    |
| a dead letter is too large               | cut further and further; a log that takes none at all is away      |
| `Malformed` or `Overrun` from the stage  | item by item; the bad one to `dead`, and nobody is counted         |
| the stage raises anything else           | the same, with its traceback; the item's host is a culprit, once,  |
|                                          | however many of its items fail: one host or feed never ends a role |
| `Misconfigured`, from anywhere           | it travels: a damaged file is the operator's to mend               |
| 10 culprits in a row without a success   | crash: what fails for so many hosts is our bug                     |
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
from functools import partial
from typing import Generic, TypeVar

from wiredesk.bus import MAX_VALUE_BYTES, Bus, Consumed, Record, Subscription, TooLarge
from wiredesk.bus.records import DEAD, dead_letter, header, shortened, to_event, to_record
from wiredesk.bus.watch import READING, watch
from wiredesk.errors import Malformed, Overrun, Unavailable
from wiredesk.events import TYPES, Event, publisher_of, type_of
from wiredesk.failures import CulpritLimit, Culprits, raise_blameless
from wiredesk.fates import Dead, Fate, Passed, Received, Stage
from wiredesk.observe import ITEMS, STAGE_SECONDS, Health, child_traceparent, log
from wiredesk.retry import patiently, wait_out
from wiredesk.stop import Stop

_log = log(__name__)

T = TypeVar("T", bound=Event)
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Generic[T]):
    """A role's place in the flow; `reads` are topic names without prefix, `accepts` the events it understands."""

    role: str
    prefix: str
    reads: Sequence[str]
    accepts: tuple[type[T], ...]
    stall: timedelta = timedelta(minutes=5)
    culprits: CulpritLimit = field(default_factory=CulpritLimit)
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

    Raises a group that holds `OurBug` or `Stalled`; `Unavailable` never leaves here.
    """
    loop = _Loop(step, stage, bus, health)
    async with AsyncExitStack() as stack:
        subscription = await patiently(
            lambda: stack.enter_async_context(bus.subscribe(step.topics, group=step.group)), health=health
        )
        async with asyncio.TaskGroup() as tasks:
            watchdog = tasks.create_task(loop.watch(subscription), name=f"{step.role} watchdog")
            try:
                await loop.consume(subscription, stop)
            finally:
                watchdog.cancel()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """A record and what it has led to."""

    consumed: Consumed
    fate: Fate
    records: Sequence[Record]


class _Loop(Generic[T]):
    def __init__(self, step: Step[T], stage: Stage[T], bus: Bus, health: Health) -> None:
        self._step, self._stage, self._bus, self._health = step, stage, bus, health
        self._culprits = Culprits(step.culprits)
        self._progress = time.monotonic()

    async def consume(self, subscription: Subscription, stop: Stop) -> None:
        batches = aiter(subscription)
        while not stop.asked:
            began = time.monotonic()
            try:
                batch = await stop.unless(anext(batches))
            except Unavailable as error:
                await stop.unless(wait_out(error, health=self._health, by=READING, began=began))
                batches = aiter(subscription)
                continue
            if batch is None:
                return
            self._health.found(by=READING)
            await self._through(batch, subscription)

    async def _through(self, batch: Sequence[Consumed], subscription: Subscription) -> None:
        """Publish all that `batch` leads to, then commit; a step that is unavailable is done again, not skipped."""
        outcomes: list[_Outcome] = []
        received: list[tuple[Consumed, Received[T]]] = []
        for consumed in batch:
            try:
                received.append((consumed, self._receive(consumed)))
            except Malformed as error:
                outcomes.append(self._bury(consumed, Dead(reason="malformed", error=str(error))))
        fates = await self.persist(lambda: self._settle([item for _, item in received]), subscription)
        outcomes += [self._outcome(consumed, fate) for (consumed, _), fate in zip(received, fates, strict=True)]
        outcomes = await self._publish(outcomes, subscription)
        await self.persist(lambda: subscription.commit(batch), subscription)
        for outcome in outcomes:
            self._count(outcome)

    def _receive(self, consumed: Consumed) -> Received[T]:
        if consumed.fault:
            raise Malformed(consumed.fault)
        value = to_event(consumed)
        if not isinstance(value, self._step.accepts):
            raise Malformed(f"{type_of(value)} is not read here")
        return Received(
            value=value,
            topic=consumed.topic,
            partition=consumed.partition,
            offset=consumed.offset,
            headers=consumed.headers,
            at=consumed.at,
        )

    async def _publish(self, outcomes: list[_Outcome], subscription: Subscription) -> list[_Outcome]:
        """Publish what `outcomes` lead to; of a record that the log refuses for its size, the input becomes a dead letter.

        What was written beside such a record is not published again.
        """
        written: dict[int, Record] = {}
        while True:
            try:
                await self.persist(partial(self._publish_rest, outcomes, written), subscription)
            except TooLarge as error:
                outcomes = [self._made_smaller(outcome, error) for outcome in outcomes]
            else:
                return outcomes

    async def _publish_rest(self, outcomes: Sequence[_Outcome], written: dict[int, Record]) -> None:
        """Publish the records that are not in `written`; where one is refused, `written` gets those that were published.

        `written` goes by identity, as two equal records are two.
        """
        records = [record for outcome in outcomes for record in outcome.records if id(record) not in written]
        try:
            await self._bus.publish(records)
        except TooLarge as error:
            written |= {id(record): record for record in error.written}
            is_letter = error.record.topic == f"{self._step.prefix}.{DEAD}"
            if is_letter and shortened(error.record) == error.record:
                # Its owner has to mend the topic. Until then nothing is committed, so nothing is lost.
                raise Unavailable(f"no dead letter is short enough: {error}", dependency="dead letters") from error
            raise

    def _made_smaller(self, outcome: _Outcome, refused: TooLarge) -> _Outcome:
        if not any(record is refused.record for record in outcome.records):
            return outcome
        if not isinstance(outcome.fate, Dead):
            return self._bury(outcome.consumed, Dead(reason="unpublishable", error=str(refused)))
        letter = shortened(refused.record)
        return _Outcome(consumed=outcome.consumed, fate=outcome.fate, records=[letter])

    async def _settle(self, received: Sequence[Received[T]]) -> Sequence[Fate]:
        if not received:
            return []
        started = time.perf_counter()
        try:
            fates = await self._stage(received)
            assert len(fates) == len(received), f"{len(fates)} fates for {len(received)} records"
            self._culprits.absolve()
        except Exception as error:  # noqa: BLE001 - the one place: whatever a stage raises must not stop its neighbours
            raise_blameless(error)
            fates = [await self._settle_alone(item) for item in received]
        STAGE_SECONDS.labels(self._step.role).observe(time.perf_counter() - started)
        return fates

    async def _settle_alone(self, item: Received[T]) -> Fate:
        try:
            (fate,) = await self._stage([item])
        except (Malformed, Overrun) as error:
            return Dead(reason=type(error).__name__.lower(), error=str(error))
        except Exception as error:  # noqa: BLE001 - as above, for this item
            raise_blameless(error)
            culprit = publisher_of(item.value) or (item.topic, item.partition, item.offset)
            self._culprits.blame(culprit, error, where=self._step.role)
            _log.error(
                "pipeline.item_failed", role=self._step.role, offset=item.offset, topic=item.topic, exc_info=True
            )
            return Dead(reason="failed", error=repr(error), traceback=traceback.format_exc())
        self._culprits.absolve()
        return fate

    def _outcome(self, consumed: Consumed, fate: Fate) -> _Outcome:
        if isinstance(fate, Dead):
            return self._bury(consumed, fate)
        try:
            outputs = fate.outputs if isinstance(fate, Passed) else ()
            records = [self._record(output, consumed) for output in outputs]
        except (Malformed, TooLarge) as error:
            return self._bury(consumed, Dead(reason="unpublishable", error=str(error)))
        return _Outcome(consumed=consumed, fate=fate, records=records)

    def _record(self, output: Event, consumed: Consumed) -> Record:
        record = to_record(
            output,
            prefix=self._step.prefix,
            role=self._step.role,
            now=self._step.now(),
            traceparent=child_traceparent(header(consumed, "traceparent")),
        )
        if len(record.value) > MAX_VALUE_BYTES:
            raise TooLarge(record, len(record.value), MAX_VALUE_BYTES)
        return record

    def _bury(self, consumed: Consumed, fate: Dead) -> _Outcome:
        _log.warning(
            "pipeline.buried",
            role=self._step.role,
            topic=consumed.topic,
            partition=consumed.partition,
            offset=consumed.offset,
            reason=fate.reason,
            error=fate.error[:300],
        )
        letter = dead_letter(
            consumed,
            prefix=self._step.prefix,
            role=self._step.role,
            reason=fate.reason,
            error=fate.error,
            traceback=fate.traceback,
            now=self._step.now(),
        )
        return _Outcome(consumed=consumed, fate=fate, records=[letter])

    def _count(self, outcome: _Outcome) -> None:
        # A foreign record may claim any type: labels must stay few.
        kind = header(outcome.consumed, "ce_type")
        fate = type(outcome.fate).__name__.lower()
        ITEMS.labels(self._step.role, kind if kind in TYPES else "unknown", fate, outcome.fate.reason).inc()

    async def persist(self, act: Callable[[], Awaitable[R]], subscription: Subscription) -> R:
        """The result of `act`, however long its dependencies are away; the group keeps this member meanwhile."""
        result = await patiently(act, health=self._health, meanwhile=subscription.paused)
        self._progress = time.monotonic()
        return result

    async def watch(self, subscription: Subscription) -> None:
        """Raise `Stalled` when records wait, nothing moves and no dependency is away."""
        await watch(
            self._bus,
            subscription,
            health=self._health,
            topics=self._step.topics,
            group=self._step.group,
            stall=self._step.stall,
            moved_at=lambda: self._progress,
        )
