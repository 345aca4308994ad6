"""A dispatcher at work on a database, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from tests.bus.desk import Told
from wiredesk.database import Database
from wiredesk.database.due import Job
from wiredesk.dispatch import Dispatcher, Duty
from wiredesk.stop import Stop

PATIENCE = 20.0
LEASE = timedelta(seconds=30)


def job(name: str, *, host: str = "a.example", due: datetime | None = None) -> Job:
    return Job(kind="page", key=name, host=host, due=due or datetime.now(UTC))


class Bench:
    """A dispatcher at work on `database`; `worked` and `given_up` are the keys, in order."""

    def __init__(
        self,
        database: Database,
        work: Callable[[Job], Awaitable[None]],
        *,
        lease: timedelta = LEASE,
        limit: timedelta = LEASE,
        per_host: int = 8,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        give_up: Callable[[Job, Exception], Awaitable[None]] | None = None,
    ) -> None:
        self.database, self._work = database, work
        self.worked: list[str] = []
        self.given_up: list[str] = []
        self.health = Told("pages")
        self.stop = Stop()
        self._moved = asyncio.Condition()
        duty = Duty(
            kind="page",
            work=self._noted,
            give_up=give_up or self._give_up,
            concurrency=8,
            per_host=per_host,
            lease=lease,
            limit=limit,
            now=now,
            told_every=timedelta(seconds=0.05),
        )
        self.dispatcher = Dispatcher(duty, database.due, health=self.health)

    async def _noted(self, job: Job) -> None:
        self.worked.append(job.key)
        try:
            await self._work(job)
            await self.database.due.done(job)
        finally:
            await self.tell()

    async def _give_up(self, job: Job, error: Exception) -> None:
        self.given_up.append(job.key)
        await self.database.due.done(job)
        await self.tell()

    async def tell(self) -> None:
        async with self._moved:
            self._moved.notify_all()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE), self._moved:
            await self._moved.wait_for(holds)

    async def keys_left(self) -> Sequence[str]:
        return [job.key for job in await self.database.due.waiting(["page"])]


@asynccontextmanager
async def working(
    database: Database,
    work: Callable[[Job], Awaitable[None]],
    *,
    lease: timedelta = LEASE,
    limit: timedelta = LEASE,
    per_host: int = 8,
) -> AsyncIterator[Bench]:
    async with running(Bench(database, work, lease=lease, limit=limit, per_host=per_host)) as bench:
        yield bench


@asynccontextmanager
async def running(bench: Bench) -> AsyncIterator[Bench]:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(bench.dispatcher.run(bench.stop))
        try:
            yield bench
        finally:
            bench.stop.ask()


async def nothing(job: Job) -> None:
    return None
