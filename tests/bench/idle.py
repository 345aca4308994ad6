"""What waiting costs: a feed that was read, nothing due, nobody reading; share of a core over half a minute.

python -m tests.bench idle
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from tests.pipeline.running import COMMAND, ROLES, environment, wiredesk
from tests.servers.kafka import Kafka
from tests.servers.postgres import Postgres
from tests.servers.valkey import Valkey
from tests.web import Page, Site, item, rss
from wiredesk.roles.geotag.gazetteer_file import NAME, build, stored_path

FEED = "/rss.xml"
SETTLED, WATCHED = 20.0, 30.0  # seconds


def run() -> list[tuple[str, str]]:
    """Rows of what was measured and the figure."""
    with TemporaryDirectory() as name, Kafka() as kafka, Valkey() as valkey, Postgres() as postgres:
        folder = Path(name)
        if stored_path(folder) is None:
            build(folder / NAME)
        servers = {
            "WIREDESK_BUS_URL": kafka.url,
            "WIREDESK_STATE_URL": valkey.url,
            "WIREDESK_DATABASE_URL": postgres.url,
            "WIREDESK_KAFKA_REPLICATION": "1",
        }
        return asyncio.run(_measured(folder, servers))


async def _measured(folder: Path, servers: Mapping[str, str]) -> list[tuple[str, str]]:
    (embedded,) = await _shares(environment(folder), [()])
    env = environment(folder, **servers)
    for command in ("topics", "database"):
        assert (await wiredesk(command, "apply", env=env)).status == 0
    apart = await _shares(env, [(role,) for role in ROLES])
    return [
        ("embedded: idle, all roles in one process, share of a core", f"{embedded:.2f} %"),
        ("production: idle, all roles in one process, share of a core", f"{sum(apart):.2f} %"),
        *(
            (f"production: idle, {role}, share of a core", f"{share:.2f} %")
            for role, share in zip(ROLES, apart, strict=True)
        ),
    ]


async def _shares(env: Mapping[str, str], processes: Sequence[Sequence[str]]) -> list[float]:
    """Per cent of a core that each process takes, one for each list of roles."""
    async with Site() as site, AsyncExitStack() as stack:
        site.serve(FEED, Page(body=rss(item("a")), content_type="application/rss+xml"))
        seen = [await stack.enter_async_context(_running(env, roles, f"{site.url}{FEED}")) for roles in processes]
        await asyncio.sleep(SETTLED)
        before = [_seconds(process) for process in seen]
        await asyncio.sleep(WATCHED)
        return [100 * (_seconds(process) - was) / WATCHED for process, was in zip(seen, before, strict=True)]


@asynccontextmanager
async def _running(env: Mapping[str, str], roles: Sequence[str], feed: str) -> AsyncIterator[psutil.Process]:
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        "run",
        *roles,
        *(("--feed", feed) if not roles or "feeds" in roles else ()),
        env={**env, "WIREDESK_INSTANCE": "-".join(roles) or "all"},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        await process.wait()


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system
