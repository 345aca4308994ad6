"""What an article costs in each role, a process a role, embedded on shared files and on Kafka, Valkey and PostgreSQL.

python -m tests.bench pipeline
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from tests.pipeline.items import Tail, following
from tests.pipeline.running import ROLES, environment, roles_apart, wiredesk
from tests.servers.kafka import Kafka
from tests.servers.postgres import Postgres
from tests.servers.valkey import Valkey
from tests.texts import text, title
from tests.web import Page, Site, item, rss
from wiredesk.backends import bus_of
from wiredesk.bus.records import to_record
from wiredesk.config import load
from wiredesk.events import CollectedArticle, Extraction, Times, digest
from wiredesk.roles.geotag.gazetteer_file import NAME, build

WARM, MEASURED, RELEASED = 20, 200, 1_000
UNDER_THE_GOAL = ("dedupe", "geotag", "store", "notify")
"""Roles that neither fetch nor extract: the goal is 6 ms CPU an article."""


def run() -> list[tuple[str, str]]:
    """Rows of what was measured and the figure."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        build(folder / NAME)
        rows = asyncio.run(_measured("embedded", folder, environment(folder)))
        with Kafka() as kafka, Valkey() as valkey, Postgres() as postgres:
            env = environment(
                folder,
                WIREDESK_BUS_URL=kafka.url,
                WIREDESK_STATE_URL=valkey.url,
                WIREDESK_DATABASE_URL=postgres.url,
                WIREDESK_KAFKA_REPLICATION="1",
            )
            return rows + asyncio.run(_measured("production", folder, env))


async def _measured(mode: str, folder: Path, env: Mapping[str, str]) -> list[tuple[str, str]]:
    async with Site() as site:
        if mode == "production":
            assert (await wiredesk("topics", "apply", env=env)).status == 0
        assert (await wiredesk("database", "apply", env=env)).status == 0
        async with roles_apart(env, folder) as running, following(env) as tail:
            pids = [process.pid for process in running]
            await _through(site, tail, env, range(WARM))
            before, started = cpu(pids), time.monotonic()
            await _through(site, tail, env, range(WARM, WARM + MEASURED))
            seconds, after = time.monotonic() - started, cpu(pids)
            collected_at = time.monotonic()
            await _publish(env, range(RELEASED))
            await tail.until_count(RELEASED)
            drained, last = time.monotonic() - collected_at, cpu(pids)
            resident = [psutil.Process(pid).memory_info().rss / 1e6 for pid in pids]
    places = dict(zip(ROLES, pids, strict=True))
    fetched = {role: (after[pid] - before[pid]) / MEASURED * 1e3 for role, pid in places.items()}
    released = {role: (last[pid] - after[pid]) / RELEASED * 1e3 for role, pid in places.items()}
    rows = [(f"{mode}: CPU an article as pages come in, {role}", f"{fetched[role]:.1f} ms") for role in ROLES]
    rows += [(f"{mode}: articles as pages come in", f"{MEASURED / seconds:.1f}/s")]
    rows += [(f"{mode}: CPU an article of a backlog, {role}", f"{released[role]:.1f} ms") for role in UNDER_THE_GOAL]
    rows += [
        (f"{mode}: CPU an article of a backlog, all four", f"{sum(released[role] for role in UNDER_THE_GOAL):.1f} ms")
    ]
    rows += [(f"{mode}: articles of a backlog", f"{RELEASED / drained:.1f}/s")]
    rows += [(f"{mode}: memory, {role}", f"{size:.0f} MB") for role, size in zip(ROLES, resident, strict=True)]
    return rows


async def _publish(env: Mapping[str, str], numbers: range) -> None:
    """Collected articles, all at once."""
    settings, now = load(env), datetime.now(UTC)
    async with bus_of(settings, client="bench") as bus:
        for start in range(0, len(numbers), 100):
            await bus.publish(
                [
                    to_record(_collected(number, now), prefix=settings.prefix, role="pages", now=now, traceparent="")
                    for number in numbers[start : start + 100]
                ]
            )


def _collected(number: int, now: datetime) -> CollectedArticle:
    name = f"https://b{number % 50}.example/{number}"
    id_, body = digest("article", name), text(10_000 + number)
    return CollectedArticle(
        id=id_,
        capture=digest("capture", id_, body),
        entry=digest("entry", name),
        url=name,
        fetched_url=name,
        feed="https://b.example/feed",
        source=f"b{number % 50}.example",
        title=title(10_000 + number),
        text=body,
        extraction=Extraction(method="bench", confidence=1.0),
        times=Times(seen=now, fetched=now, collected=now),
    )


async def _through(site: Site, tail: Tail, env: Mapping[str, str], numbers: range) -> None:
    """Serve the articles behind a feed of their own, subscribe to it and return once all are stored."""
    for number in numbers:
        site.serve(f"/{number}", Page(body=article_page(number)))
    path = f"/feed-{numbers.start}.xml"
    entries = (item(title(number), guid=str(number), link=f"{site.url}/{number}") for number in numbers)
    site.serve(path, Page(body=rss(*entries), content_type="application/rss+xml"))
    ended = await wiredesk("feeds", "add", f"{site.url}{path}", env=env)
    assert ended.status == 0, ended.err
    await tail.until_count(len(numbers))


def article_page(number: int) -> str:
    """The page of article `number`, as a small template prints it."""
    paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in text(number).split("\n\n"))
    links = "".join(f'<li><a href="/{other}">{title(other)}</a></li>' for other in range(40))
    return (
        f"<!doctype html><html lang=en><head><title>{title(number)}</title></head><body><nav><ul>{links}</ul></nav>"
        f"<main><article><h1>{title(number)}</h1>{paragraphs}</article></main><footer>All rights reserved</footer></body></html>"
    )


def cpu(pids: list[int]) -> dict[int, float]:
    """CPU seconds of each process and of its workers."""
    return {
        pid: sum(_seconds(one) for one in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)])
        for pid in pids
    }


def _seconds(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.NoSuchProcess):
        used = process.cpu_times()
        return used.user + used.system
    return 0.0
