"""Clocks that are moved while rows are due."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.duty import Bench, job, nothing, running
from wiredesk.database import Database, open_database
from wiredesk.database.due import Job


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite:///{tmp_path}/database.sqlite", schema="t") as database:
        yield database


class Wall:
    """A clock that may be moved."""

    def __init__(self) -> None:
        self.ahead = timedelta(hours=1)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


async def test_a_clock_set_back_while_it_runs_delays_nothing(database: Database) -> None:
    wall = Wall()
    await database.due.put([job("before"), job("later", due=wall() + timedelta(hours=2))])
    async with running(Bench(database, nothing, now=wall)) as bench:
        await bench.until(lambda: bench.worked == ["before"])

        wall.ahead = timedelta()
        await database.due.put([job("after")])

        await bench.until(lambda: bench.worked == ["before", "after"])


async def test_a_row_that_is_written_with_the_time_from_before_is_found(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wiredesk.dispatch.STRAYS", timedelta(seconds=1))
    wall = Wall()
    await database.due.put([job("before", due=wall())])
    async with running(Bench(database, nothing, now=wall)) as bench:
        await bench.until(lambda: bench.worked == ["before"])
        old, wall.ahead = wall(), timedelta()
        await database.due.put([job("witness")])
        bench.dispatcher.nudge()
        await bench.until(lambda: bench.worked == ["before", "witness"])

        await database.due.put([job("stray", due=old)])

        await bench.until(lambda: "stray" in bench.worked)


async def test_a_clock_set_back_while_nobody_ran_delays_nothing(database: Database) -> None:
    wall = Wall()
    await database.due.put([job("before"), job("later", due=wall() + timedelta(hours=2))])
    async with running(Bench(database, nothing, now=wall)) as first:
        await first.until(lambda: first.worked == ["before"])
    wall.ahead = timedelta()
    await database.due.put([job("after")])

    async with running(Bench(database, nothing, now=wall)) as second:
        await second.until(lambda: second.worked == ["after"])


async def test_a_clock_set_ahead_makes_nobody_work_on_a_row_again(database: Database) -> None:
    wall, began, may_end = Wall(), asyncio.Event(), asyncio.Event()

    async def work(row: Job) -> None:
        if row.key == "long":
            began.set()
            await may_end.wait()

    await database.due.put([job("long")])
    async with running(Bench(database, work, now=wall)) as bench:
        await began.wait()

        wall.ahead *= 2
        await database.due.put([job("after")])

        await bench.until(lambda: "after" in bench.worked)
        may_end.set()
    assert bench.worked == ["long", "after"]
