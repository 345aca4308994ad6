from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from wiredesk.database import Database, open_database
from wiredesk.database.due import Job
from wiredesk.dispatch import Dispatcher, Duty
from wiredesk.errors import Unavailable
from wiredesk.failures import CulpritLimit, OurBug
from wiredesk.observe import Health
from wiredesk.stop import Stop

PATIENCE = 20.0
LEASE = timedelta(seconds=30)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite:///{tmp_path}/database.sqlite", schema="t") as database:
        yield database


def job(name: str, *, host: str = "a.example", due: datetime | None = None) -> Job:
    return Job(kind="page", key=name, host=host, due=due or datetime.now(UTC), payload=name.encode())


class Bench:
    """A dispatcher at work on `database`; `worked` and `given_up` are the keys, in order."""

    def __init__(
        self, database: Database, work: Callable[[Job], Awaitable[None]], *, lease: timedelta = LEASE,
        limit: timedelta = LEASE, per_host: int = 8, now: Callable[[], datetime] = lambda: datetime.now(UTC),
        give_up: Callable[[Job, Exception], Awaitable[None]] | None = None,
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


async def test_rows_that_are_due_are_worked_on_and_leave_the_queue(database: Database) -> None:
    await database.due.put([job(f"p{number}") for number in range(20)])
    async with working(database, nothing) as bench:
        await bench.until(lambda: len(bench.worked) == 20)
    assert sorted(bench.worked) == sorted(f"p{number}" for number in range(20))
    assert await bench.keys_left() == []


async def test_a_row_put_later_is_worked_on_at_once_when_nudged(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Else the next look finds the row as well, half a second later.
    monkeypatch.setattr("wiredesk.dispatch.LONGEST_NAP", 10 * timedelta(seconds=PATIENCE))
    async with working(database, nothing) as bench:
        await database.due.put([job("first")])
        bench.dispatcher.nudge()
        await bench.until(lambda: bench.worked == ["first"])
        async with asyncio.timeout(PATIENCE):
            while bench.dispatcher.running or await bench.keys_left():
                await bench.keys_left()
        await database.due.put([job("late")])
        bench.dispatcher.nudge()
        await bench.until(lambda: bench.worked == ["first", "late"])


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


async def test_work_that_is_refused_waits_with_its_row_and_health_says_so_whatever_else_succeeds(
    database: Database,
) -> None:
    mended = asyncio.Event()

    async def work(job: Job) -> None:
        if job.key == "refused" and not mended.is_set():
            raise Unavailable("out of memory", dependency="state")

    await database.due.put([job("refused"), *(job(f"p{number}", host=f"{number}.example") for number in range(30))])
    async with working(database, work) as bench:
        await bench.until(lambda: len({*bench.worked}) == 31 and bench.worked.count("refused") > 2)
        assert bench.health.down == {"state": "out of memory"}
        mended.set()
        async with asyncio.timeout(PATIENCE):
            while await bench.keys_left():
                pass
    assert bench.given_up == []
    assert bench.health.down == {}


async def test_time_spent_in_an_outage_is_no_attempt_though_it_outlives_the_limit(database: Database) -> None:
    attempts: list[int] = []

    async def work(job: Job) -> None:
        attempts.append(job.attempts)
        if len(attempts) == 1:
            bench.health.lost("database", "no answer in time")
            await asyncio.Event().wait()
        bench.health.found("database")

    await database.due.put([job("patient")])
    async with working(database, work, limit=timedelta(seconds=0.1)) as bench:
        await bench.until(lambda: len(attempts) == 2)

    assert attempts == [0, 0]
    assert bench.given_up == []


async def test_pauses_and_giving_up_do_not_count_for_the_limit_of_the_work(database: Database) -> None:
    async def work(job: Job) -> None:
        if len(bench.worked) < 4:  # the pauses are longer than the limit together
            raise Unavailable("the log is away", dependency="kafka")
        raise ValueError("poison")

    await database.due.put([job("patient")])
    async with working(database, work, limit=timedelta(seconds=0.3)) as bench:
        await bench.until(lambda: bench.given_up == ["patient"])

    assert bench.worked == ["patient"] * 4


async def test_an_outage_within_a_group_of_tasks_is_nobodys_fault(database: Database) -> None:
    async def away() -> None:
        raise Unavailable("the state is away", dependency="state")

    async def work(job: Job) -> None:
        if bench.worked.count(job.key) == 1:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(away())

    names = [f"p{number}" for number in range(2 * CulpritLimit().in_a_row)]
    await database.due.put([job(name) for name in names])
    async with working(database, work) as bench:
        await bench.until(lambda: len(bench.worked) == 2 * len(names))

    assert bench.given_up == []


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

    await database.due.put([job(f"p{number}") for number in range(2 * CulpritLimit().in_a_row)])
    bench = Bench(database, work)
    with pytest.raises(ExceptionGroup) as raised:
        await asyncio.wait_for(bench.dispatcher.run(bench.stop), PATIENCE)
    assert raised.group_contains(OurBug)
    assert len(bench.given_up) < 2 * CulpritLimit().in_a_row


async def test_one_row_that_fails_again_and_again_is_one_culprit(database: Database) -> None:
    async def work(job: Job) -> None:
        raise RuntimeError("this row, every time")

    async def again(job: Job, error: Exception) -> None:
        bench.given_up.append(job.key)
        await database.due.done(job, again_at=datetime.now(UTC))
        await bench.tell()

    await database.due.put([job("bad")])
    bench = Bench(database, work, give_up=again)
    async with running(bench):
        await bench.until(lambda: len(bench.given_up) > 2 * CulpritLimit().in_a_row)


async def test_how_late_rows_are_is_told_also_while_their_host_is_at_its_bound(database: Database) -> None:
    finish = asyncio.Event()

    async def work(job: Job) -> None:
        await finish.wait()

    late = datetime.now(UTC) - timedelta(hours=3)
    await database.due.put([job(f"p{number}", due=late) for number in range(20)])
    async with working(database, work, per_host=2) as bench:
        async with asyncio.timeout(PATIENCE):
            while gauge("wiredesk_due_leasable_seconds") != 0 or gauge("wiredesk_due_oldest_seconds") < 3 * 3600:
                await bench.keys_left()
        finish.set()
        await bench.until(lambda: len(bench.worked) == 20)


def gauge(name: str) -> float:
    return REGISTRY.get_sample_value(name, {"kind": "page"}) or 0.0
