"""A sender with a real receiver: what the tests of sending work at."""

import asyncio
import ipaddress
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.roles.notify.samples import endpoint, in_force, rule
from tests.web import Page, Site
from wiredesk.database import Database, open_database
from wiredesk.database.alerts import WEBHOOK, Delivery, NewAlert, StoredEndpoint
from wiredesk.database.due import Job
from wiredesk.outbound.door import Door
from wiredesk.roles.notify.rules_file import InForce
from wiredesk.roles.notify.sender import LIMIT, Sender, SenderDeps

START = datetime(2026, 1, 6, 12, tzinfo=UTC)
SOON = timedelta(seconds=0.3)
S = timedelta(seconds=1)


@dataclass
class Desk:
    """A sender with all it works with, and a clock that stands still until moved."""

    site: Site
    database: Database
    door: Door
    now: datetime = START
    timeout: timedelta = 5 * S
    in_force: InForce = field(default_factory=InForce)

    async def endpoints(self, *paths: str) -> None:
        """An endpoint for each path, of that name."""
        self.in_force = in_force(
            *(endpoint(path.strip("/"), f"{self.site.url}{path}") for path in paths), rule(endpoints="[]")
        )
        known = self.in_force.rules.endpoints.values()
        await self.database.alerts.sync_endpoints(
            [StoredEndpoint(name=one.name, url=one.url, secret=one.secret.reference) for one in known]
        )

    async def receiver(self, *pages: Page) -> None:
        """One endpoint `ops`, which answers so."""
        self.site.serve("/ops", *pages)
        await self.endpoints("/ops")

    async def alert(self, name: str = "a", *, endpoints: Sequence[str] = ("ops",)) -> None:
        body = json.dumps({"type": "wiredesk.alert", "data": {"id": name}}).encode()
        one = NewAlert(id=name, rule="r", story=name, item="i", capture=name, body=body, endpoints=tuple(endpoints))
        await self.database.alerts.raise_all([one], captures=[name], now=self.now)

    def sender(self) -> Sender:
        return Sender(
            SenderDeps(
                alerts=self.database.alerts,
                door=self.door,
                in_force=lambda: self.in_force,
                now=lambda: self.now,
                timeout=self.timeout,
                jitter=lambda: 1.0,
            )
        )

    async def jobs(self) -> Sequence[Job]:
        return await self.database.due.lease(WEBHOOK, limit=99, per_host=99, now=self.now, until=self.now + LIMIT)

    async def send(self) -> None:
        """Work on everything that is due."""
        async with asyncio.TaskGroup() as tasks:
            for job in await self.jobs():
                tasks.create_task(self.sender()(job))

    async def wait_for_next(self) -> timedelta:
        """Move the clock to the next try; how far that is."""
        due = await self.database.due.next_due(WEBHOOK)
        assert due is not None
        waited, self.now = due - self.now, due
        return waited

    async def log(self) -> Sequence[Delivery]:
        return await self.database.alerts.list()

    async def only(self) -> Delivery:
        (delivery,) = await self.log()
        return delivery


@asynccontextmanager
async def open_desk(folder: Path) -> AsyncIterator[Desk]:
    """A desk of its own, whose files lie in `folder`."""
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(Site())
        database = await stack.enter_async_context(open_database(f"sqlite:///{folder / 'database.sqlite'}", schema="t"))
        door = await stack.enter_async_context(Door(allow=[ipaddress.ip_network("127.0.0.0/8")]))
        yield Desk(site=site, database=database, door=door)
