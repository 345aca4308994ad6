"""The database goes away under rows in work, for longer than their lease."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from tests.duty import PATIENCE, Bench, job, running
from tests.servers.postgres import Postgres
from wiredesk.database import open_database
from wiredesk.database.due import Job

pytestmark = pytest.mark.servers

LEASE = timedelta(seconds=3)
ROWS = 12


async def test_no_row_loses_a_try_that_nobody_made(prefix: str) -> None:
    attempts: list[int] = []
    with Postgres() as server:
        async with AsyncExitStack() as stack:
            databases = [await stack.enter_async_context(open_database(server.url, schema=prefix)) for _ in range(2)]
            all_are_in_work, is_away = asyncio.Event(), asyncio.Event()

            async def work(job: Job) -> None:
                attempts.append(job.attempts)
                if len(attempts) == ROWS:
                    all_are_in_work.set()
                await is_away.wait()

            await databases[0].due.put([job(f"p{number}", host=f"{number}.example") for number in range(ROWS)])
            benches = [Bench(database, work, lease=LEASE, limit=timedelta(minutes=1)) for database in databases]
            for bench in benches:  # eight of the rows go to the one, the rest to the other
                await stack.enter_async_context(running(bench))
            await all_are_in_work.wait()
            await asyncio.to_thread(server.kill)
            is_away.set()
            for bench in benches:
                await bench.health.until(lambda bench=bench: "database" in bench.health.down)  # type: ignore[misc]
            await asyncio.sleep(2 * LEASE.total_seconds())  # the length of the fault itself
            await asyncio.to_thread(server.start)
            async with asyncio.timeout(2 * PATIENCE):
                while await benches[0].keys_left():
                    pass

    assert len(attempts) > ROWS
    assert attempts == [0] * len(attempts)
    assert [bench.given_up for bench in benches] == [[], []]
