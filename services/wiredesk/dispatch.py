"""Lease, work, note: the loop of every role that takes its work from the due queue.

Rows are leased as workers become free, fair by host, and each is worked on apart: a slow one holds up nobody.
The work itself deletes or re-dates its row when it is done; a crash anywhere before means that the lease runs
out and somebody does it again, and every effect is idempotent.

| what went wrong                          | what happens                                                          |
|------------------------------------------|-----------------------------------------------------------------------|
| the work raises `Unavailable`            | the row is kept, and worked on again after a growing pause, uncounted; |
|                                          | not ready until it got through; given back if we are to end           |
| the work outlives its limit              | it is cancelled; the row comes again when its lease runs out          |
| the same, and a dependency is away       | as `Unavailable`: the time was spent waiting                          |
| the database is away for half a lease    | all leases are prolonged before the next: nobody could renew his      |
| a row's lease runs out again and again   | `give_up` decides: it kills whoever works on it                       |
| `Misconfigured`, from anywhere           | it travels: a damaged file is the operator's to mend                  |
| the work raises `Malformed`, `Overrun`   | `give_up` decides what becomes of the row, and nobody is counted      |
| the work raises anything else            | the same, and the row's host (a webhook's endpoint) is a culprit,     |
|                                          | once, however many of its rows fail: one never ends a role            |
| 10 culprits in a row without a success   | crash: what fails for so many hosts is our bug                        |
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from wiredesk.database.due import DueQueue, Job
from wiredesk.errors import Overrun, Unavailable
from wiredesk.failures import CulpritLimit, Culprits, raise_blameless
from wiredesk.naps import LONGEST_NAP, Naps
from wiredesk.observe import DUE_AGE, DUE_LEASABLE_AGE, Health, log
from wiredesk.retry import patiently, wait_out
from wiredesk.stop import Stop

_log = log(__name__)

SET_BACK = timedelta(seconds=30)
"""A clock behind where it should be by more than this was set back; replicas' clocks agree within seconds."""

GATHER = timedelta(milliseconds=10)
"""How long a busy dispatcher waits for more of its work to end, so that one lease takes rows for all who are free."""

STRAYS = timedelta(seconds=5)
"""How long after a clock change to look again for rows that were written with the time from before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One kind of due rows and how they are worked on.

    `work` ends by calling `done` of the queue; `give_up` is told of the exception that `work` raised on a row.
    One piece of work may take `limit`. Meanwhile its `lease` is renewed: so it can be short, and the rows of a worker
    that was killed come again soon.
    """

    kind: str
    work: Callable[[Job], Awaitable[None]]
    give_up: Callable[[Job, Exception], Awaitable[None]]
    concurrency: int
    per_host: int
    limit: timedelta
    lease: timedelta = timedelta(seconds=30)
    most_run_outs: int | None = 5  # None: the work counts for itself
    culprits: CulpritLimit = field(default_factory=CulpritLimit)
    told_every: timedelta = timedelta(seconds=5)  # how often the gauges of what is due are set
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))


class Dispatcher:
    """Works on one kind of due rows until asked to stop."""

    def __init__(self, duty: Duty, due: DueQueue, *, health: Health) -> None:
        self._duty, self._due, self._health = duty, due, health
        self._naps = Naps(due, kind=duty.kind, per_host=duty.per_host, now=duty.now, health=health)
        self._running: dict[tuple[str, str], Job] = {}
        self._culprits = Culprits(duty.culprits)
        self._answered_at = time.monotonic()  # when the last call to the database began that was answered
        self._told: tuple[datetime, float] | None = None  # what time it was, and that on the monotonic clock
        self._strays: tuple[datetime, float] | None = None  # what time it was not, and when to look again

    @property
    def running(self) -> int:
        """The rows that this process works on."""
        return len(self._running)

    def nudge(self) -> None:
        """Look for due rows now: a row was added, or a worker is free."""
        self._naps.nudge()

    async def run(self, stop: Stop) -> None:
        """Until `stop` is asked for; what is in work then is finished. Raises `OurBug`; `Unavailable` never leaves here."""
        async with asyncio.TaskGroup() as around:
            renewing = around.create_task(self._renew(), name=f"{self._duty.kind} leases")
            telling = around.create_task(self._tell(), name=f"{self._duty.kind} gauges")
            try:
                with self._naps.told_of_changes():
                    await self._dispatch(stop)
            finally:
                renewing.cancel()
                telling.cancel()

    async def _dispatch(self, stop: Stop) -> None:
        async with asyncio.TaskGroup() as tasks:
            while not stop.asked:
                self._naps.begin()
                await self._heed_clock()
                if len(self._running) > self._duty.concurrency // 2:
                    await asyncio.sleep(GATHER.total_seconds())
                free = self._duty.concurrency - len(self._running)
                jobs = await patiently(partial(self._lease, free), health=self._health) if free else ()
                for job in jobs:
                    self._running[job.key, job.lease] = job
                    tasks.create_task(self._through(job, stop), name=f"{self._duty.kind} {job.key}")
                # Where as many rows came as there was room for, more may be due: it asks again at once.
                if len(jobs) < free or not free:
                    await stop.unless(self._naps.until_leasable(self._is_clock_moved))

    async def _heed_clock(self) -> None:
        """Adjust rows to a clock that was moved, here or while nobody ran: none comes late by it, none of ours twice."""
        now, at = self._duty.now(), time.monotonic()
        if self._told is None:
            expected = await patiently(lambda: self._due.last_lease(self._duty.kind), health=self._health) or now
        else:
            expected = self._told[0] + timedelta(seconds=at - self._told[1])
        self._told = now, at
        by = expected - now
        if by > SET_BACK:
            _log.warning("dispatch.clock_set_back", role=self._health.role, kind=self._duty.kind, by=by.total_seconds())
            self._strays = expected, at + STRAYS.total_seconds()
            await self._set_back(by)
        elif self._strays is not None and at >= self._strays[1]:
            (old, _), self._strays = self._strays, None
            await self._set_back(old - now, due_until=old)
        elif -by > self._duty.lease / 3:  # it was set ahead, or the machine slept: what is in work is still ours
            await self._renew_all()

    async def _set_back(self, by: timedelta, *, due_until: datetime | None = None) -> None:
        now = self._duty.now()
        until = now + self._duty.lease
        await patiently(
            lambda: self._due.set_back(self._duty.kind, now=now, by=by, until=until, due_until=due_until),
            health=self._health,
        )

    async def _lease(self, free: int) -> tuple[Job, ...]:
        now = self._duty.now()
        async with self._bridging():
            jobs = await self._due.lease(
                self._duty.kind, limit=free, per_host=self._duty.per_host, now=now, until=now + self._duty.lease
            )
        return tuple(jobs)

    @asynccontextmanager
    async def _bridging(self) -> AsyncIterator[None]:
        """Before a call, prolong all leases where the database was away: what ran out would count as an attempt.

        Nobody is known to have died of those rows; rows of one that did come a lease later.
        """
        began = time.monotonic()
        if began - self._answered_at > max(self._duty.lease / 2, 4 * LONGEST_NAP).total_seconds():
            await self._due.prolong(self._duty.kind, until=self._duty.now() + self._duty.lease)
        yield
        self._answered_at = max(self._answered_at, began)

    async def _renew(self) -> None:
        """Renew the leases of rows in work; while the database is away they may run out, and the rows come twice."""
        third = self._duty.lease.total_seconds() / 3
        pause = third
        while True:
            await asyncio.sleep(pause)
            # Soon again where the database did not answer: not much is left of the leases.
            pause = third if await self._renew_all() else third / 10

    async def _renew_one(self, job: Job) -> None:
        await self._due.renew([job], until=self._duty.now() + self._duty.lease)

    async def _renew_all(self) -> bool:
        """Whether the database answered."""
        until = self._duty.now() + self._duty.lease
        if not self._running:
            return True
        try:
            async with self._bridging():
                await self._due.renew(list(self._running.values()), until=until)
        except Unavailable:
            return False
        return True

    async def _tell(self) -> None:
        """Set the gauges of what is due, also while every worker is busy."""
        while True:
            with suppress(Unavailable):  # the dispatcher itself asks as well, and reports it
                oldest, leasable = (0.0, 0.0) if self._naps.is_quiet else await self._seconds_late()
                DUE_AGE.labels(self._duty.kind).set(oldest)
                DUE_LEASABLE_AGE.labels(self._duty.kind).set(leasable)
            await asyncio.sleep(self._duty.told_every.total_seconds())

    async def _seconds_late(self) -> tuple[float, float]:
        """How late the most overdue row is, and the most overdue one that a free worker could take."""
        kind, now = self._duty.kind, self._duty.now()
        oldest = await self._due.oldest(kind, now=now)
        leasable = await self._due.next_due(kind, per_host=self._duty.per_host)
        return (
            oldest.total_seconds() if oldest else 0.0,
            max(0.0, (now - leasable).total_seconds()) if leasable else 0.0,
        )

    def _is_clock_moved(self) -> bool:
        """Whether the clock was moved, or it is time to look for rows that were written with the clock from before."""
        if self._told is None:
            return False
        if self._strays is not None and time.monotonic() >= self._strays[1]:
            return True
        expected = self._told[0] + timedelta(seconds=time.monotonic() - self._told[1])
        by = abs(self._duty.now() - expected)
        return by > min(SET_BACK, self._duty.lease / 3)

    async def _through(self, job: Job, stop: Stop) -> None:
        """Work on `job` until it is done, however long a dependency is away; the lease is kept meanwhile."""
        waiter = object()
        try:
            if self._duty.most_run_outs is not None and job.attempts >= self._duty.most_run_outs:
                error = Overrun(f"its lease ran out {job.attempts} times: it kills whoever works on it")
                await self._give_up(job, error)
                return
            while True:
                began = time.monotonic()
                outage = await self._work(job)
                if outage is None:
                    return
                await stop.unless(wait_out(outage, health=self._health, by=waiter, began=began))
                if stop.asked:
                    await self._give_back(job)
                    return
                # Where the database refuses that, the work would be done in vain, and its effects come twice.
                await patiently(partial(self._renew_one, job), health=self._health)
        finally:
            self._health.found(by=waiter)
            del self._running[job.key, job.lease]
            self.nudge()

    async def _work(self, job: Job) -> Unavailable | None:
        """Work on `job` once, within the time limit; the outage that stopped it, None where it is done."""
        try:
            async with asyncio.timeout(self._duty.limit.total_seconds()) as limit:
                await self._duty.work(job)
        except Exception as error:  # noqa: BLE001 - as in pipeline.py: whatever one row raises must not stop its neighbours
            if isinstance(error, TimeoutError) and limit.expired():
                return self._too_long(job)
            try:
                raise_blameless(error)
            except Unavailable as outage:
                return outage
            await self._fail(job, error)
            return None
        self._culprits.absolve()
        return None

    def _too_long(self, job: Job) -> Unavailable | None:
        # The time may have gone into waiting for a dependency that is away: that is an outage, not the row's fault.
        for dependency, why in self._health.down.items():
            return Unavailable(why, dependency=dependency)
        _log.warning("dispatch.took_too_long", role=self._health.role, kind=self._duty.kind, key=job.key)
        return None

    async def _fail(self, job: Job, error: Exception) -> None:
        self._culprits.blame(job.host or job.key, error, where=f"{self._health.role}, {job.kind} rows")
        _log.error("dispatch.item_failed", role=self._health.role, kind=self._duty.kind, key=job.key, exc_info=error)
        await self._give_up(job, error)

    async def _give_back(self, job: Job) -> None:
        """Make the row due at once, its attempts unchanged: no outage is the row's fault."""
        now = self._duty.now()
        await patiently(lambda: self._due.done(job, again_at=now, attempts=job.attempts), health=self._health)

    async def _give_up(self, job: Job, error: Exception) -> None:
        await patiently(lambda: self._duty.give_up(job, error), health=self._health)
