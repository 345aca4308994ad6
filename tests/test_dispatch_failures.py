"""The failure table of a role that takes due rows, row by row."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.duty import PATIENCE, Bench, job, running, working
from wiredesk.database import Database, open_database
from wiredesk.database.due import Job
from wiredesk.errors import Malformed, Misconfigured, Unavailable
from wiredesk.failures import CulpritLimit, OurBug


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite:///{tmp_path}/database.sqlite", schema="t") as database:
        yield database


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


async def test_ten_hosts_in_a_row_whose_rows_fail_are_our_bug(database: Database) -> None:
    async def work(job: Job) -> None:
        raise RuntimeError("every time")

    hosts = [f"{number}.example" for number in range(2 * CulpritLimit().in_a_row)]
    await database.due.put([job(f"p of {host}", host=host) for host in hosts])
    bench = Bench(database, work)
    with pytest.raises(ExceptionGroup) as raised:
        await asyncio.wait_for(bench.dispatcher.run(bench.stop), PATIENCE)
    assert raised.group_contains(OurBug)
    assert len(bench.given_up) < 2 * CulpritLimit().in_a_row


async def test_what_only_an_operator_can_mend_gives_nothing_up_and_ends_the_role(database: Database) -> None:
    async def work(job: Job) -> None:
        raise Misconfigured("database file is damaged")

    await database.due.put([job("1")])
    bench = Bench(database, work)
    with pytest.raises(ExceptionGroup) as raised:
        await asyncio.wait_for(bench.dispatcher.run(bench.stop), PATIENCE)
    assert raised.group_contains(Misconfigured)
    assert bench.given_up == []


async def test_rows_that_are_malformed_are_given_up_and_are_no_bug_of_ours(database: Database) -> None:
    count = 2 * CulpritLimit().in_a_row

    async def work(job: Job) -> None:
        raise Malformed("what a publisher wrote")

    await database.due.put([job(f"p{number}") for number in range(count)])
    bench = Bench(database, work)
    async with running(bench):
        await bench.until(lambda: len(bench.given_up) == count)


async def test_rows_of_one_host_fail_as_often_as_they_like(database: Database) -> None:
    count = 2 * CulpritLimit().in_a_row

    async def work(job: Job) -> None:
        raise RuntimeError("whatever this host writes")

    await database.due.put([job(f"p{number}", host="odd.example") for number in range(count)])
    bench = Bench(database, work)
    async with running(bench):
        await bench.until(lambda: len(bench.given_up) == count)


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
