from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wiredesk.database import Database, open_database
from wiredesk.database.due import Job
from wiredesk.dispatch import Dispatcher, Duty
from wiredesk.errors import Unavailable
from wiredesk.observe import Health
from wiredesk.pipeline import MAX_CULPRITS_IN_A_ROW, OurBug
from wiredesk.stop import Stop

PATIENCE = 20.0
LEASE = timedelta(seconds=30)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite:///{tmp_path}/database.sqlite", schema="t") as database:
        yield database


def job(name: str, *, host: str = "a.example", due: datetime | None = None) -> Job:
    return Job(kind="page", key=name, host=host, due=due or datetime.now(UTC))


class Bench:
    """A dispatcher at work on `database`; `worked` and `given_up` are the keys, in order."""

    def __init__(
        self, database: Database, work: Callable[[Job], Awaitable[None]], *, lease: timedelta = LEASE,
        limit: timedelta = LEASE,
        per_host: int = 8, now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self.database, self._work = database, work
        self.worked: list[str] = []
        self.given_up: list[str] = []
        self.health = Health("pages")
        self.stop = Stop()
        self._moved = asyncio.Condition()
        duty = Duty(
            kind="page",
            work=self._noted,
            give_up=self._give_up,
            concurrency=8,
            per_host=per_host,
            lease=lease,
            limit=limit,
            now=now,
        )
        self.dispatcher = Dispatcher(duty, database.due, health=self.health)

    async def _noted(self, job: Job) -> None:
        self.worked.append(job.key)
        try:
            await self._work(job)
            await self.database.due.done(job)
        finally:
            await self._tell()

    async def _give_up(self, job: Job, error: Exception) -> None:
        self.given_up.append(job.key)
        await self.database.due.done(job)
        await self._tell()

    async def _tell(self) -> None:
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


async def test_rows_that_are_due_are_worked_on_and_leave_the_queue(database: Database) -> None:
    await database.due.put([job(f"p{number}") for number in range(20)])
    async with working(database, nothing) as bench:
        await bench.until(lambda: len(bench.worked) == 20)
    assert sorted(bench.worked) == sorted(f"p{number}" for number in range(20))
    assert await bench.keys_left() == []


async def test_a_row_put_later_is_worked_on_at_once_when_nudged(database: Database) -> None:
    async with working(database, nothing) as bench:
        await database.due.put([job("late")])
        bench.dispatcher.nudge()
        await bench.until(lambda: bench.worked == ["late"])


async def test_a_row_that_raises_is_given_up_and_its_neighbours_go_on(database: Database) -> None:
    async def work(job: Job) -> None:
        if job.key == "bad":
            raise ValueError("this page cannot be")

    await database.due.put([job("bad"), *(job(f"p{number}") for number in range(5))])
    async with working(database, work) as bench:
        await bench.until(lambda: len(bench.worked) == 6 and bench.given_up == ["bad"])
    assert await bench.keys_left() == []


async def test_a_hanging_host_holds_up_nobody_else(database: Database) -> None:
    never = asyncio.Event()

    async def work(job: Job) -> None:
        if job.host == "slow.example":
            await never.wait()

    await database.due.put([job(f"slow{number}", host="slow.example") for number in range(10)])
    await database.due.put([job(f"p{number}", host=f"{number}.example") for number in range(10)])
    async with working(database, work, per_host=2) as bench:
        await bench.until(lambda: sum(key.startswith("p") for key in bench.worked) == 10)
        assert sum(key.startswith("slow") for key in bench.worked) == 2
        never.set()


async def test_work_that_outlives_its_limit_is_cancelled_and_the_row_comes_again(database: Database) -> None:
    never = asyncio.Event()

    async def work(job: Job) -> None:
        if len(bench.worked) == 1:
            await never.wait()

    await database.due.put([job("stuck")])
    short = timedelta(seconds=0.3)
    async with working(database, work, lease=short, limit=short) as bench:
        await bench.until(lambda: bench.worked == ["stuck", "stuck"])
    assert await bench.keys_left() == []


async def test_the_lease_of_long_work_is_renewed_so_that_nobody_else_begins_it(database: Database) -> None:
    begun, finish = asyncio.Event(), asyncio.Event()

    async def work(job: Job) -> None:
        begun.set()
        await finish.wait()

    await database.due.put([job("long")])
    lease = timedelta(seconds=0.6)
    async with working(database, work, lease=lease) as bench:
        await begun.wait()
        first = await database.due.next_due("page")
        async with asyncio.timeout(PATIENCE):
            while (renewed := await database.due.next_due("page")) == first:
                pass
        assert first is not None
        assert renewed is not None
        assert renewed > first
        finish.set()
        await bench.until(lambda: bench.worked == ["long"])


async def test_a_row_whose_lease_runs_out_again_and_again_is_given_up(database: Database) -> None:
    await database.due.put([job("killer")])
    now = datetime.now(UTC)
    for number in range(6):
        at = now + number * LEASE
        assert await database.due.lease("page", limit=1, per_host=1, now=at, until=at + LEASE / 2)
    bench = Bench(database, nothing, now=lambda: now + 6 * LEASE)
    async with running(bench):
        await bench.until(lambda: bench.given_up == ["killer"])
    assert bench.worked == []


async def test_an_unavailable_dependency_gives_nothing_up_and_health_says_so_until_it_is_back(
    database: Database,
) -> None:
    seen_down: list[bool] = []

    async def work(job: Job) -> None:
        seen_down.append(bool(bench.health.down))
        if len(bench.worked) == 1:
            raise Unavailable("the log is away", dependency="kafka")

    await database.due.put([job("patient")])
    async with working(database, work, lease=timedelta(seconds=0.5)) as bench:
        await bench.until(lambda: len(bench.worked) == 2)
    assert seen_down == [False, True]
    assert bench.given_up == []
    assert not bench.health.down


async def test_an_outage_is_not_counted_against_the_row_that_met_it(database: Database) -> None:
    attempts: list[int] = []

    async def work(job: Job) -> None:
        attempts.append(job.attempts)
        if len(attempts) <= 2:
            raise Unavailable("the state is away", dependency="state")

    await database.due.put([job("patient")])
    async with working(database, work) as bench:
        await bench.until(lambda: len(bench.worked) == 3)

    assert attempts == [0, 0, 0]
    assert bench.given_up == []


async def test_ten_culprits_in_a_row_are_our_bug(database: Database) -> None:
    async def work(job: Job) -> None:
        raise RuntimeError("every time")

    await database.due.put([job(f"p{number}") for number in range(2 * MAX_CULPRITS_IN_A_ROW)])
    bench = Bench(database, work)
    with pytest.raises(ExceptionGroup) as raised:
        await asyncio.wait_for(bench.dispatcher.run(bench.stop), PATIENCE)
    assert raised.group_contains(OurBug)
    assert len(bench.given_up) < 2 * MAX_CULPRITS_IN_A_ROW
