from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from tests.duty import LEASE, PATIENCE, Bench, job, nothing, running, working
from wiredesk.database import Database, open_database
from wiredesk.database.due import Job


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite:///{tmp_path}/database.sqlite", schema="t") as database:
        yield database


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
