"""Writes of items and leases of the due queue a second, on both databases.

python -m tests.bench database
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.contracts.samples import an_article
from tests.servers.postgres import Postgres
from tests.texts import text, title
from wiredesk.database import Database, open_database
from wiredesk.database.due import Job, Settlement
from wiredesk.events import Article

ITEMS, JOBS, BATCH, HOSTS = 3_000, 5_000, 100, 500
LEASE = timedelta(minutes=1)


def run() -> list[tuple[str, str]]:
    """Rows of what was measured and the figure."""
    with TemporaryDirectory() as folder:
        rows = asyncio.run(_measured("embedded", f"sqlite:///{Path(folder) / 'database.sqlite'}"))
    with Postgres() as server:
        rows += asyncio.run(_measured("production", server.url))
    return rows


async def _measured(name: str, url: str) -> list[tuple[str, str]]:
    articles = [
        an_article(f"{number:032x}", text=text(number), title=title(number), regions=("FR", "FR-ARA"))
        for number in range(ITEMS)
    ]
    async with open_database(url, schema="bench") as database:
        written, cpu = await _timed(lambda: _write(database, articles))
        leased, _ = await _timed(lambda: _lease(database))
    return [
        (f"{name}: items of 3 KB written in batches of {BATCH}", f"{ITEMS / written:,.0f}/s"),
        (f"{name}: CPU of this process for one", f"{cpu / ITEMS * 1e6:,.0f} µs"),
        (f"{name}: rows leased and done by 4 at once, {HOSTS} hosts", f"{JOBS / leased:,.0f}/s"),
    ]


async def _timed(work: Callable[[], Awaitable[None]]) -> tuple[float, float]:
    started, used = time.perf_counter(), time.process_time()
    await work()
    return time.perf_counter() - started, time.process_time() - used


async def _write(database: Database, articles: Sequence[Article]) -> None:
    for start in range(0, ITEMS, BATCH):
        await database.items.put(articles[start : start + BATCH], now=datetime.now(UTC))


async def _lease(database: Database) -> None:
    now = datetime.now(UTC)
    await database.due.put(
        [Job(kind="page", key=f"{number}", host=f"h{number % HOSTS}.example", due=now) for number in range(JOBS)]
    )
    async with asyncio.TaskGroup() as tasks:
        for _ in range(4):
            tasks.create_task(_work(database))


async def _work(database: Database) -> None:
    while True:
        now = datetime.now(UTC)
        jobs = await database.due.lease("page", limit=32, per_host=2, now=now, until=now + LEASE)
        if not jobs:
            return
        await database.due.done_many([Settlement(job=job) for job in jobs])
