"""How long a page of search results takes at 100,000 items, on both databases: medians and p95 by what is asked for.

python -m tests.bench search
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.contracts.samples import an_article
from tests.servers.postgres import Postgres
from wiredesk.database import Database, open_database
from wiredesk.database.items import ItemQuery
from wiredesk.events import Article

ITEMS, BATCH, REPEATS = 100_000, 200, 15
START = datetime(2026, 11, 1, tzinfo=UTC)
WORDS = [f"word{number}" for number in range(20_000)]

# Shares as a desk sees them: a few regions, languages and sources have most of the items.
REGIONS = (("US", "US-CA"), ("GB",), ("FR", "FR-ARA"), ("SY", "SY-HL"), ("PG",))
REGION_WEIGHTS = (50, 25, 15, 9.9, 0.1)
LANGUAGES, LANGUAGE_WEIGHTS = ("en", "en-gb", "fr", "ar", "sw"), (45, 20, 20, 14.5, 0.5)

QUERIES = {
    "no filter": ItemQuery(),
    "region, half of the items": ItemQuery(region="US"),
    "region, a tenth": ItemQuery(region="SY-HL"),
    "region, a thousandth": ItemQuery(region="PG"),
    "language, two thirds": ItemQuery(language="en"),
    "language, a two-hundredth": ItemQuery(language="sw"),
    "source": ItemQuery(source="paper7.example"),
    "the last hour": ItemQuery(since=START + timedelta(seconds=ITEMS - 3_600)),
    "word in half of the items": ItemQuery(text="common"),
    "word in a thousandth": ItemQuery(text="uncommon"),
    "two common words": ItemQuery(text="common usual"),
    "common but not usual": ItemQuery(text="common -usual"),
    "region and language": ItemQuery(region="SY", language="ar"),
    "region and language, rare": ItemQuery(region="PG", language="fr"),
    "region and common word": ItemQuery(region="FR", text="common"),
    "rare region and common word": ItemQuery(region="PG", text="common"),
    "region and rare word": ItemQuery(region="US", text="uncommon"),
    "source, language and word": ItemQuery(source="paper7.example", language="en", text="common"),
    "region, source and time": ItemQuery(
        region="US", source="paper7.example", since=START, until=START + timedelta(hours=9)
    ),
    "a page far back": ItemQuery(region="US", before_seq=ITEMS // 10),
}


def run() -> list[tuple[str, str]]:
    """Rows of what was measured and the figure."""
    with TemporaryDirectory() as folder:
        rows = asyncio.run(_measured("embedded", f"sqlite:///{Path(folder) / 'database.sqlite'}"))
    with Postgres() as server:
        rows += asyncio.run(_measured("production", server.url))
    return rows


async def _measured(name: str, url: str) -> list[tuple[str, str]]:
    async with open_database(url, schema="bench") as database:
        written = await _fill(database)
        if name == "production":
            await _analyse(database)
        rows = [(f"{name}: items of 0.6 KB written in batches of {BATCH}", f"{ITEMS / written:,.0f}/s")]
        everything: list[float] = []
        for what, query in QUERIES.items():
            times = [await _time_of(database, query) for _ in range(REPEATS)]
            everything += times
            rows.append(
                (f"{name}: search, {what}: median, p95", f"{statistics.median(times):.1f}, {_p95(times):.1f} ms")
            )
        rows.append((f"{name}: search, all of these: p95", f"{_p95(everything):.1f} ms"))
    return rows


async def _fill(database: Database) -> float:
    spent = 0.0
    for start in range(0, ITEMS, BATCH):
        articles = list(_articles(start))
        started = time.perf_counter()
        await database.items.put(articles, now=START + timedelta(seconds=start))
        spent += time.perf_counter() - started
    return spent


async def _analyse(database: Database) -> None:
    """What autovacuum does within a minute."""

    async def work(connection: AsyncConnection) -> None:
        await connection.execute(text("ANALYZE"))

    await database._transactions.write(work)


def _articles(start: int) -> Iterator[Article]:
    chance = random.Random(start)
    for number in range(start, start + BATCH):
        words = chance.choices(WORDS, k=60)
        words += ["common"] * (number % 2) + ["usual"] * (number % 3 == 0) + ["uncommon"] * (number % 1_000 == 0)
        yield an_article(
            f"{number:032x}",
            text=" ".join(words),
            regions=chance.choices(REGIONS, REGION_WEIGHTS)[0],
            language=chance.choices(LANGUAGES, LANGUAGE_WEIGHTS)[0],
            source=f"paper{int(chance.paretovariate(0.5)) % 400}.example",
            collected=START + timedelta(seconds=number),
        )


async def _time_of(database: Database, query: ItemQuery) -> float:
    started = time.perf_counter()
    await database.items.search(query)
    return (time.perf_counter() - started) * 1_000


def _p95(times: Sequence[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]
