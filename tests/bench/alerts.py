"""From an entry seen to its webhook received, at 10 and 25 articles a second: fetched, judged, tagged, matched, sent.

python -m tests.bench alerts
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from aiohttp import web

from tests.bench.pipeline import article_page, cpu
from tests.pipeline.running import COMMAND, ROLES, environment, roles_apart, wiredesk
from tests.roles.notify.samples import SECRET, endpoint, rule
from tests.servers.kafka import Kafka
from tests.servers.postgres import Postgres
from tests.servers.valkey import Valkey
from tests.texts import title
from tests.web import Page, Site
from wiredesk.backends import bus_of
from wiredesk.bus import Bus
from wiredesk.bus.records import to_record
from wiredesk.config import load
from wiredesk.events import Entry, Times, digest
from wiredesk.roles.geotag.gazetteer_file import NAME, build

RATES, SECONDS = (10, 25), 30
WARM, HOSTS = 50, 10
PATIENCE = 120.0
STRETCHES = ("seen", "fetched", "collected", "deduplicated", "geotagged", "raised", "received")


def run() -> list[tuple[str, str]]:
    """Rows of what was measured and the figure."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        build(folder / NAME)
        rows = asyncio.run(_measured("embedded", folder, {}))
        with Kafka() as kafka, Valkey() as valkey, Postgres() as postgres:
            servers = {
                "WIREDESK_BUS_URL": kafka.url,
                "WIREDESK_STATE_URL": valkey.url,
                "WIREDESK_DATABASE_URL": postgres.url,
                "WIREDESK_KAFKA_REPLICATION": "1",
            }
            return rows + asyncio.run(_measured("production", folder, servers))


class Receiver:
    """A webhook receiver that keeps what came, by entry, with the time."""

    def __init__(self) -> None:
        self.times: dict[str, dict[str, datetime]] = {}
        self._came = asyncio.Condition()

    async def answer(self, request: web.Request) -> web.Response:
        """Take one."""
        now = datetime.now(UTC)
        body = json.loads(await request.read())
        told, raised = body["data"], datetime.fromisoformat(body["timestamp"])
        times = {name: datetime.fromisoformat(at) for name, at in told["times"].items() if at}
        async with self._came:
            self.times.setdefault(told["article"]["entry"], times | {"raised": raised, "received": now})
            self._came.notify_all()
        return web.Response()

    async def until(self, number: int) -> None:
        """Return once so many came."""
        async with asyncio.timeout(PATIENCE), self._came:
            await self._came.wait_for(lambda: len(self.times) >= number)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """Its URL."""
        app = web.Application()
        app.router.add_post("/", self.answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
        finally:
            await runner.cleanup()


async def _measured(mode: str, folder: Path, servers: Mapping[str, str]) -> list[tuple[str, str]]:
    receiver = Receiver()
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(receiver.listening())
        rules = folder / "rules.toml"
        rules.write_text(endpoint(url=url) + rule(query="days"), "utf-8")
        env = environment(folder, **servers, WIREDESK_RULES_FILE=str(rules), OPS_SECRET=SECRET)
        for command in ("topics", "database"):
            assert (await wiredesk(command, "apply", env=env)).status == 0
        sites = [await stack.enter_async_context(Site(f"127.0.{number + 1}.1")) for number in range(HOSTS)]
        pids = await stack.enter_async_context(_running(mode, env, folder))
        bus = await stack.enter_async_context(bus_of(load(env), client="bench"))
        flow = _Flow(bus=bus, prefix=load(env).prefix, sites=sites, receiver=receiver)
        await flow.through(range(WARM), a_second=RATES[0])
        rows, start = [], WARM
        for rate in RATES:
            numbers = range(start, start + rate * SECONDS)
            rows += await _at(rate, flow, numbers, pids)
            start = numbers.stop
        resident = [psutil.Process(pid).memory_info().rss for pid in pids]
        rows.append(("memory of all roles, without their workers", f"{sum(resident) / 1e6:.0f} MB"))
    return [(f"{mode}: {what}", figure) for what, figure in rows]


async def _at(rate: int, flow: _Flow, numbers: range, pids: list[int]) -> list[tuple[str, str]]:
    """What comes of that rate, and who used the machine meanwhile: a run beside others tells of them."""
    before, began = _used(pids), time.monotonic()
    await flow.through(numbers, a_second=rate)
    seconds = time.monotonic() - began
    used = {who: max(0.0, after - before[who]) for who, after in _used(pids).items()}
    others = used.pop("others")
    measured = [flow.receiver.times[_entry_id(number)] for number in numbers]
    whole = [("seen", "received"), *(itertools.pairwise(STRETCHES) if rate == max(RATES) else ())]
    rows = [
        ("articles alerted a second", f"{len(numbers) / seconds:.1f}/s"),
        (
            f"CPU an article: {', '.join(used)}",
            ", ".join(f"{each / len(numbers) * 1e3:.1f}" for each in used.values()) + " ms",
        ),
        (f"cores that this rate needs, of {os.cpu_count()}", f"{sum(used.values()) / len(numbers) * rate:.2f}"),
        ("cores that strangers used meanwhile", f"{others / seconds:.2f}"),
        *((f"{first} to {then}, p50, p95, p99", _shares(_seconds(measured, first, then))) for first, then in whole),
    ]
    return [(f"at {rate}/s: {what}", figure) for what, figure in rows]


def _used(pids: list[int]) -> dict[str, float]:
    """CPU seconds so far, by whom: the roles at `pids` with their workers, servers, this process, everybody else."""
    roles, all_of_us = (sum(cpu(some).values()) for some in (pids, [os.getpid()]))
    own, machine = psutil.Process().cpu_times(), psutil.cpu_times()
    press = own.user + own.system
    busy = sum(machine) - machine.idle - machine.iowait
    return {
        "roles": roles,
        "servers": all_of_us - roles - press,
        "press and receiver": press,
        "others": busy - all_of_us,
    }


@asynccontextmanager
async def _running(mode: str, env: Mapping[str, str], folder: Path) -> AsyncIterator[list[int]]:
    if mode == "production":
        async with roles_apart(env, folder, ROLES) as processes:
            yield [process.pid for process in processes]
        return
    with (folder / "all.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*COMMAND, "run", env=dict(env), stdout=log, stderr=log)
    try:
        yield [process.pid]
    finally:
        process.terminate()
        await process.wait()


@dataclass(frozen=True, kw_only=True)
class _Flow:
    """Entries as `feeds` publishes them."""

    bus: Bus
    prefix: str
    sites: Sequence[Site]
    receiver: Receiver

    async def through(self, numbers: range, *, a_second: int) -> None:
        """Publish so many a second, and return once all of them came out."""
        started = time.monotonic()
        for number in numbers:
            await asyncio.sleep(max(0.0, started + (number - numbers.start) / a_second - time.monotonic()))
            await self._publish(number)
        await self.receiver.until(numbers.stop)

    async def _publish(self, number: int) -> None:
        site, now = self.sites[number % len(self.sites)], datetime.now(UTC)
        site.serve(f"/{number}", Page(body=article_page(number)))
        entry = Entry(
            id=_entry_id(number),
            feed="https://paper.example/rss",
            guid=str(number),
            url=f"{site.url}/{number}",
            title=title(number),
            revision=digest("revision", str(number)),
            times=Times(seen=now),
        )
        await self.bus.publish([to_record(entry, prefix=self.prefix, role="feeds", now=now, traceparent="")])


def _entry_id(number: int) -> str:
    return digest("entry", str(number))


def _seconds(measured: Sequence[Mapping[str, datetime]], first: str, then: str) -> list[float]:
    return sorted((times[then] - times[first]).total_seconds() for times in measured)


def _shares(ascending: Sequence[float]) -> str:
    chosen = (ascending[int(len(ascending) * share)] for share in (0.5, 0.95, 0.99))
    return ", ".join(f"{seconds:.2f} s" for seconds in chosen)


if __name__ == "__main__":
    for what, figure in run():
        print(f"{what}: {figure}")
