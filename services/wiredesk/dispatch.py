"""Lease, work, note: the loop of every role that takes its work from the due queue.

Rows are leased as workers become free, fair by host, and each is worked on apart: a slow one holds up nobody.
The work itself deletes or re-dates its row when it is done; a crash anywhere before means that the lease runs
out and somebody does it again, and every effect is idempotent.

| what went wrong                          | what happens                                                          |
|------------------------------------------|-----------------------------------------------------------------------|
| the work raises `Unavailable`            | after a growing pause the row is given back uncounted; not ready      |
| the work outlives its limit              | it is cancelled; the row comes again when its lease runs out          |
| a row's lease runs out again and again   | `give_up` decides: it kills whoever works on it                       |
| the work raises anything else            | `give_up` decides what becomes of the row                             |
| 10 culprits in a row without a success   | crash: it is our bug                                                  |
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from wiredesk.database.due import DueQueue, Job
from wiredesk.errors import Overrun, Unavailable
from wiredesk.observe import DUE_AGE, Health, log
from wiredesk.patience import patiently, wait_out
from wiredesk.pipeline import MAX_CULPRITS_IN_A_ROW, OurBug
from wiredesk.stop import Stop

_log = log(__name__)

LONGEST_NAP = timedelta(seconds=0.5)
"""Rows that another process put are seen within this time; those of this process at once, by `nudge`."""

SHORTEST_NAP = timedelta(seconds=0.02)
"""Rows may be due and yet not given, because another process holds their host just then."""

SET_BACK = timedelta(seconds=30)
"""A clock behind where it should be by more than this was set back; replicas' clocks agree within seconds."""

STRAYS = timedelta(seconds=5)
"""After which rows are looked for that somebody wrote in that moment, with the time from before."""


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
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))


class Dispatcher:
    """Works on one kind of due rows until asked to stop."""

    def __init__(self, duty: Duty, due: DueQueue, *, health: Health) -> None:
        self._duty, self._due, self._health = duty, due, health
        self._woken = asyncio.Event()
        self._running: dict[tuple[str, str], Job] = {}
        self._failures = self._culprits_in_a_row = 0
        self._told: tuple[datetime, float] | None = None  # what time it was, and that on the monotonic clock
        self._strays: tuple[datetime, float] | None = None  # what time it was not, and when to look again

    @property
    def running(self) -> int:
        """Rows in work here."""
        return len(self._running)

    def nudge(self) -> None:
        """Look for due rows now: one was put, or a worker is free."""
        self._woken.set()

    async def run(self, stop: Stop) -> None:
        """Until `stop` is asked for; what is in work then is finished. Raises `OurBug`; `Unavailable` never leaves here."""
        async with asyncio.TaskGroup() as around:
            renewing = around.create_task(self._renew(), name=f"{self._duty.kind} leases")
            try:
                await self._dispatch(stop)
            finally:
                renewing.cancel()

    async def _dispatch(self, stop: Stop) -> None:
        async with asyncio.TaskGroup() as tasks:
            while not stop.asked:
                self._woken.clear()
                await self._heed_clock()
                free = self._duty.concurrency - len(self._running)
                jobs = await patiently(lambda free=free: self._lease(free), health=self._health) if free else ()  # type: ignore[misc]
                for job in jobs:
                    self._running[job.key, job.lease] = job
                    tasks.create_task(self._through(job), name=f"{self._duty.kind} {job.key}")
                if len(jobs) < free or not free:
                    await stop.unless(self._nap())

    async def _heed_clock(self) -> None:
        """Where the clock was moved, here or while nobody ran, no row must come late by that, and none of ours twice."""
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
        jobs = await self._due.lease(
            self._duty.kind, limit=free, per_host=self._duty.per_host, now=now, until=now + self._duty.lease
        )
        return tuple(jobs)

    async def _renew(self) -> None:
        """Keep the leases of what is in work; where the database is away they may run out, and the rows come twice."""
        while True:
            await asyncio.sleep(self._duty.lease.total_seconds() / 3)
            await self._renew_all()

    async def _renew_all(self) -> None:
        until = self._duty.now() + self._duty.lease
        with suppress(Unavailable):
            await self._due.renew(list(self._running.values()), until=until)

    async def _nap(self) -> None:
        """Until woken, or until the next row may be due."""
        # A host at its bound is not waited for in haste: whoever ends a piece of work here wakes us.
        next_due = await patiently(
            lambda: self._due.next_due(self._duty.kind, per_host=self._duty.per_host), health=self._health
        )
        now = self._duty.now()
        DUE_AGE.labels(self._duty.kind).set(max(0.0, (now - next_due).total_seconds()) if next_due else 0.0)
        nap = LONGEST_NAP if next_due is None else min(LONGEST_NAP, max(SHORTEST_NAP, next_due - now))
        try:
            async with asyncio.timeout(nap.total_seconds()):
                await self._woken.wait()
        except TimeoutError:
            return

    async def _through(self, job: Job) -> None:
        try:
            async with asyncio.timeout(self._duty.limit.total_seconds()) as limit:
                await self._work(job)
        except TimeoutError:
            if not limit.expired():
                raise
            _log.warning("dispatch.took_too_long", role=self._health.role, kind=self._duty.kind, key=job.key)
        finally:
            del self._running[job.key, job.lease]
            self.nudge()

    async def _work(self, job: Job) -> None:
        if self._duty.most_run_outs is not None and job.attempts >= self._duty.most_run_outs:
            await self._give_up(job, Overrun(f"its lease ran out {job.attempts} times: it kills whoever works on it"))
            return
        try:
            await self._duty.work(job)
        except Unavailable as error:
            self._failures += 1
            await wait_out(error, self._failures, health=self._health)
            await self._give_back(job)
            return
        except Exception as error:
            # As in pipeline.py: whatever one row raises must not stop its neighbours.
            self._culprits_in_a_row += 1
            if self._culprits_in_a_row >= MAX_CULPRITS_IN_A_ROW:
                raise OurBug(f"{self._culprits_in_a_row} {self._duty.kind} rows in a row failed") from error
            _log.error("dispatch.item_failed", role=self._health.role, kind=self._duty.kind, key=job.key, exc_info=True)
            await self._give_up(job, error)
            return
        self._culprits_in_a_row = 0
        if self._failures:
            self._failures = 0
            self._health.found()

    async def _give_back(self, job: Job) -> None:
        """Due again at once, its attempts as they were: an outage, however long, is not the row's doing."""
        now = self._duty.now()
        await patiently(lambda: self._due.done(job, again_at=now, attempts=job.attempts), health=self._health)

    async def _give_up(self, job: Job, error: Exception) -> None:
        await patiently(lambda: self._duty.give_up(job, error), health=self._health)
