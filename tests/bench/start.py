"""From the start of a process to its first poll: all roles in one on a new home, and `feeds` alone on servers.

python -m tests.bench start
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from tests.pipeline.running import COMMAND, environment, wiredesk
from tests.servers.kafka import Kafka
from tests.servers.postgres import Postgres
from tests.servers.valkey import Valkey
from tests.web import Page, Site, rss
from wiredesk.roles.geotag.gazetteer_file import NAME, build

TIMES = 5
FEED = "/rss.xml"
SETTLED = 5.0
"""Seconds after which memory is looked at: all has been read and nothing is under way."""


def run() -> list[tuple[str, str]]:
    """Rows of what was measured and the figure."""
    with TemporaryDirectory() as name, Kafka() as kafka, Valkey() as valkey, Postgres() as postgres:
        folder = Path(name)
        build(folder / NAME)
        servers = {
            "WIREDESK_BUS_URL": kafka.url,
            "WIREDESK_STATE_URL": valkey.url,
            "WIREDESK_DATABASE_URL": postgres.url,
            "WIREDESK_KAFKA_REPLICATION": "1",
        }
        return asyncio.run(_measured(folder, servers))


async def _measured(folder: Path, servers: Mapping[str, str]) -> list[tuple[str, str]]:
    homes = [folder / f"home{number}" for number in range(TIMES)]
    for home in homes:
        home.mkdir()
        (home / NAME).symlink_to(folder / NAME)
    rows = await _rows("embedded", [environment(home) for home in homes])
    env = environment(folder, **servers)
    for command in ("topics", "database"):
        assert (await wiredesk(command, "apply", env=env)).status == 0
    return rows + await _rows("production", [env] * TIMES, "feeds")


async def _rows(mode: str, envs: Sequence[Mapping[str, str]], *roles: str) -> list[tuple[str, str]]:
    starts = [await _start(env, *roles) for env in envs]
    took, used, resident = (statistics.median(figures) for figures in zip(*starts, strict=True))
    return [
        (f"{mode}: start to first poll", f"{took:.1f} s"),
        (f"{mode}: CPU until then", f"{used:.1f} s"),
        (f"{mode}: memory {SETTLED:.0f} s later", f"{resident / 1e6:.0f} MB"),
    ]


async def _start(env: Mapping[str, str], *roles: str) -> tuple[float, float, float]:
    """Seconds until the feed is asked for, CPU seconds by then, and resident bytes once settled."""
    async with Site() as site:
        site.serve(FEED, Page(body=rss(), content_type="application/rss+xml"))
        began = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            "run",
            *roles,
            "--feed",
            f"{site.url}{FEED}",
            env=dict(env),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(60), site.came:
                await site.came.wait_for(lambda: site.count(FEED) > 0)
            took, seen = time.monotonic() - began, psutil.Process(process.pid)
            used = seen.cpu_times()
            await asyncio.sleep(SETTLED)
            return took, used.user + used.system, seen.memory_info().rss
        finally:
            process.terminate()
            await process.wait()


if __name__ == "__main__":
    for what, figure in run():
        print(f"{what}: {figure}")
