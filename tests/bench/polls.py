"""CPU of a poll, database included, against a bare client's on the same feeds: 1,000 of them, of 40 KB, on loopback.

python -m tests.bench polls
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
import feedparser
import psutil

from tests.feeds_origin import FEEDS, Origin
from tests.pipeline.running import COMMAND, environment, wiredesk
from tests.servers.kafka import Kafka
from tests.servers.postgres import Postgres
from tests.servers.valkey import Valkey

AT_ONCE = 16
ROUNDS = 3  # polls of each feed that are measured
PATIENCE = 300.0  # seconds


@dataclass(frozen=True, kw_only=True)
class PollPath:
    """One way a poll can go, and how much of the bare client's CPU it may take."""

    name: str
    changed: float  # the part of the feeds that has a new item at each poll
    is_parsed: bool  # by the bare client, which has nothing else to find out what is new
    goal: float


PATHS = (
    PollPath(name="answered 304", changed=0.0, is_parsed=False, goal=3.5),
    PollPath(name="30 % changed", changed=0.3, is_parsed=True, goal=0.6),
    PollPath(name="all changed", changed=1.0, is_parsed=True, goal=0.5),
)
IMPORT = "first import"
IMPORT_GOAL = 1.0


def run() -> list[tuple[str, str]]:
    """Rows of what was measured and the figure."""
    with TemporaryDirectory() as name, Kafka() as kafka, Valkey() as valkey, Postgres() as postgres:
        servers = {
            "WIREDESK_BUS_URL": kafka.url,
            "WIREDESK_STATE_URL": valkey.url,
            "WIREDESK_DATABASE_URL": postgres.url,
            "WIREDESK_KAFKA_REPLICATION": "1",
        }
        return asyncio.run(_measured(Path(name), servers, postgres.pid))


async def _measured(folder: Path, servers: Mapping[str, str], postgres: int) -> list[tuple[str, str]]:
    async with Origin() as origin:
        bare = await _bare(origin)
        rows = [(f"bare client: {name}, CPU a poll", f"{cpu * 1000:.2f} ms") for name, cpu in bare.items()]
        for mode, settings, database in (("embedded", {}, ()), ("production", servers, (postgres,))):
            home = folder / mode
            home.mkdir()
            env = environment(home, WIREDESK_POLL_FLOOR="1s", WIREDESK_POLL_CEILING="1s", **settings)
            for command in ("topics", "database"):
                assert (await wiredesk(command, "apply", env=env)).status == 0
            ours = await _ours(origin, env, home, database)
            for name, cpu in ours.items():
                figure = f"{cpu * 1000:.2f} ms, {cpu / bare[name]:.2f} x"
                rows.append((f"{mode}: {name}, CPU a poll and times the bare client's", figure))
    return rows


async def _bare(origin: Origin) -> dict[str, float]:
    """CPU seconds a poll of aiohttp, and feedparser with its defaults where a body came; nothing is stored."""
    found: dict[str, float] = {}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE)) as session:
        etags: dict[str, str] = {}

        async def get(url: str, *, is_parsed: bool) -> None:
            async with session.get(url, headers={"If-None-Match": etags.get(url, "")}) as response:
                body = await response.read()
                etags[url] = response.headers.get("ETag", "")
            if is_parsed and response.status == 200:
                feedparser.parse(body)

        async def round_of(*, is_parsed: bool) -> float:
            began, left = time.process_time(), iter(origin.urls)

            async def work() -> None:
                for url in left:
                    await get(url, is_parsed=is_parsed)

            await asyncio.gather(*(work() for _ in range(AT_ONCE)))
            return (time.process_time() - began) / FEEDS

        found[IMPORT] = await round_of(is_parsed=True)
        for path in PATHS:
            await origin.change(path.changed)
            await round_of(is_parsed=False)
            found[path.name] = await round_of(is_parsed=path.is_parsed)
    return found


async def _ours(origin: Origin, env: Mapping[str, str], home: Path, database: Sequence[int]) -> dict[str, float]:
    """CPU seconds a poll of role `feeds`, its workers and the database."""
    found: dict[str, float] = {}
    await origin.change(0.0)
    begun = await origin.polls()
    # In a folder of its own, as operators have it: what is written beside it wakes whoever watches it.
    listed = home.parent / f"{home.name}-feeds" / "feeds.toml"
    listed.parent.mkdir()
    listed.write_text("".join(f'[[feed]]\nurl = "{url}"\n' for url in origin.urls))
    async with _feeds_role(env, listed) as process:
        roots = [process, *(psutil.Process(pid) for pid in database)]
        before = 0.0 if not database else _cpu(roots[1:])
        await _until(origin, lambda seen: seen - begun >= FEEDS)
        found[IMPORT] = (_cpu(roots) - before) / FEEDS
        for path in PATHS:
            await origin.change(path.changed)
            await asyncio.sleep(2)  # what was under way ends
            start, before = await origin.polls(), _cpu(roots)
            await _until(origin, lambda seen, start=start: seen - start >= ROUNDS * FEEDS)  # type: ignore[misc]
            found[path.name] = (_cpu(roots) - before) / (await origin.polls() - start)
    return found


async def _until(origin: Origin, is_enough: Callable[[int], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not is_enough(await origin.polls()):  # noqa: ASYNC110 - the origin is another process
            await asyncio.sleep(0.2)


def _cpu(roots: Sequence[psutil.Process]) -> float:
    total = 0.0
    for root in roots:
        times = root.cpu_times()
        total += times.user + times.system + times.children_user + times.children_system
        for child in root.children(recursive=True):
            try:
                of_child = child.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += of_child.user + of_child.system
    return total


@asynccontextmanager
async def _feeds_role(env: Mapping[str, str], listed: Path) -> AsyncIterator[psutil.Process]:
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        "run",
        "feeds",
        "--feeds",
        str(listed),
        env=dict(env),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        await process.wait()


if __name__ == "__main__":
    for what, figure in run():
        print(f"{what}: {figure}", file=sys.stdout)
