"""Webhooks a second, and what the others of ten endpoints notice when two of them hang.

python -m tests.bench webhooks
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from aiohttp import web

from tests.roles.notify.samples import endpoint, in_force, rule
from tests.servers.postgres import Postgres
from wiredesk.database import Database, open_database
from wiredesk.database.alerts import WEBHOOK, NewAlert, StoredEndpoint
from wiredesk.dispatch import Dispatcher, Duty
from wiredesk.observe import Health, configure_logs
from wiredesk.outbound.door import Door
from wiredesk.roles.notify.role import PER_ENDPOINT, SENDERS
from wiredesk.roles.notify.sender import LIMIT, Sender, SenderDeps
from wiredesk.stop import Stop

NAMES = tuple(f"e{number}" for number in range(10))
HANGING = NAMES[:2]
AT_ONCE = 200
PACED, PACE = 60, timedelta(seconds=0.2)
"""Alerts to all ten, all at once; then so many, one each so often."""


def run() -> list[tuple[str, str]]:
    """Rows of what was measured and the figure."""
    configure_logs(json=True, level="error")
    with TemporaryDirectory() as folder:
        rows = asyncio.run(_measured("embedded", f"sqlite:///{Path(folder) / 'database.sqlite'}"))
    with Postgres() as server:
        rows += asyncio.run(_measured("production", server.url))
    return rows


class Receivers:
    """Ten endpoints of one server, which note when what came; some may hang."""

    def __init__(self) -> None:
        self.hanging: frozenset[str] = frozenset()
        self.came: dict[str, float] = {}  # by webhook id
        self._changed = asyncio.Condition()
        self._end = asyncio.Event()

    async def answer(self, request: web.Request) -> web.Response:
        """Take one, or hang."""
        await request.read()
        if request.path.strip("/") in self.hanging:
            await self._end.wait()
        async with self._changed:
            self.came.setdefault(request.headers["webhook-id"], time.monotonic())
            self._changed.notify_all()
        return web.Response()

    async def until(self, wanted: frozenset[str]) -> None:
        """Return once all of these came."""
        async with asyncio.timeout(120), self._changed:
            await self._changed.wait_for(lambda: wanted <= self.came.keys())

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """Their URL."""
        app = web.Application()
        app.router.add_post("/{name}", self.answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            self._end.set()
            await runner.cleanup()


async def _measured(name: str, url: str) -> list[tuple[str, str]]:
    receivers = Receivers()
    async with (
        receivers.listening() as at,
        open_database(url, schema="bench") as database,
        _sending(database, at) as nudge,
    ):
        started, used = time.monotonic(), time.process_time()
        wanted = await _raise(database, range(AT_ONCE))
        nudge()
        await receivers.until(frozenset(wanted))
        seconds, cpu = time.monotonic() - started, time.process_time() - used
        calm = await _paced(receivers, database, nudge, AT_ONCE)
        receivers.hanging = frozenset(HANGING)
        beset = await _paced(receivers, database, nudge, AT_ONCE + PACED)
    return [
        (f"{name}: webhooks to ten endpoints, receiver in the same process", f"{len(wanted) / seconds:,.0f}/s"),
        (f"{name}: CPU of both for one", f"{cpu / len(wanted) * 1e3:.1f} ms"),
        (f"{name}: raised to received, p50, p99 of eight", f"{_ms(calm, 0.5)}, {_ms(calm, 0.99)}"),
        (f"{name}: the same eight while the other two hang", f"{_ms(beset, 0.5)}, {_ms(beset, 0.99)}"),
        (f"{name}: p99 while they hang, times that of before", f"{_at(beset, 0.99) / _at(calm, 0.99):.2f}"),
    ]


@asynccontextmanager
async def _sending(database: Database, at: str) -> AsyncIterator[Callable[[], None]]:
    rules = in_force(*(endpoint(name, f"{at}/{name}") for name in NAMES), rule(endpoints=json.dumps(NAMES)))
    await database.alerts.sync_endpoints(
        [
            StoredEndpoint(name=one.name, url=one.url, secret=one.secret.reference)
            for one in rules.rules.endpoints.values()
        ]
    )
    stop = Stop()
    async with Door(allow=[ipaddress.ip_network("127.0.0.0/8")]) as door, asyncio.TaskGroup() as tasks:
        sender = Sender(SenderDeps(alerts=database.alerts, door=door, in_force=lambda: rules, now=_now))
        duty = Duty(
            kind=WEBHOOK,
            work=sender,
            give_up=sender.give_up,
            concurrency=SENDERS,
            per_host=PER_ENDPOINT,
            limit=LIMIT,
            most_run_outs=None,
        )
        sending = Dispatcher(duty, database.due, health=Health("notify"))
        running = tasks.create_task(sending.run(stop))
        yield sending.nudge
        stop.ask()
        running.cancel()  # what hangs would be waited for


async def _paced(receivers: Receivers, database: Database, nudge: Callable[[], None], first: int) -> list[float]:
    """Seconds from an alert to each of its webhooks at the eight, sorted."""
    raised: dict[str, float] = {}
    started = asyncio.get_running_loop().time()
    for number in range(first, first + PACED):
        await asyncio.sleep(
            max(0.0, started + (number - first) * PACE.total_seconds() - asyncio.get_running_loop().time())
        )
        now = time.monotonic()
        raised |= dict.fromkeys(await _raise(database, range(number, number + 1)), now)
        nudge()
    wanted = frozenset(name for name in raised if not name.endswith(HANGING))
    await receivers.until(wanted)
    return sorted(receivers.came[name] - raised[name] for name in wanted)


async def _raise(database: Database, numbers: range) -> Sequence[str]:
    """Raise these alerts; the ids of their webhooks."""
    wanted = [
        NewAlert(
            id=f"a{number}",
            rule="r",
            story=f"s{number}",
            item=f"i{number}",
            capture=f"c{number}",
            endpoints=NAMES,
            body=json.dumps({"type": "wiredesk.alert", "data": {"id": number, "text": "x" * 4_000}}).encode(),
        )
        for number in numbers
    ]
    await database.alerts.raise_all(wanted, captures=[one.capture for one in wanted], now=_now())
    return [f"{one.id}-{name}" for one in wanted for name in NAMES]


def _now() -> datetime:
    return datetime.now(UTC)


def _at(ascending: Sequence[float], share: float) -> float:
    return ascending[min(len(ascending) - 1, int(len(ascending) * share))]


def _ms(ascending: Sequence[float], share: float) -> str:
    return f"{_at(ascending, share) * 1e3:.0f} ms"


if __name__ == "__main__":
    for what, figure in run():
        print(f"{what}: {figure}")
