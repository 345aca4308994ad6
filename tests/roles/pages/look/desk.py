"""The role's workers with all they work with: a real site, log, state and database."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.pipeline import paper
from tests.web import Site
from wiredesk.bus.records import header, to_event
from wiredesk.bus.sqlite import SqliteBus
from wiredesk.database import Database, open_database
from wiredesk.database.due import Job
from wiredesk.events import CollectedArticle, CollectedComment, Entry, Times
from wiredesk.fates import Received
from wiredesk.outbound.door import Door
from wiredesk.outbound.politeness import PoliteClient
from wiredesk.roles.pages.look.comment_feeds import CommentReader
from wiredesk.roles.pages.look.intake import Intake
from wiredesk.roles.pages.look.jobs import COMMENTS, PAGE
from wiredesk.roles.pages.look.publishing import PagesDeps
from wiredesk.roles.pages.look.stage import Fetcher
from wiredesk.state.open import open_state
from wiredesk.workers import Workers

START = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass
class Desk:
    """A fetcher with all it works with, and a clock that stands still until moved."""

    site: Site
    bus: SqliteBus
    database: Database
    fetcher: Fetcher
    reader: CommentReader
    intake: Intake
    now: datetime = START
    offset: int = 6  # of the entry read last
    environ: dict[str, str] = field(default_factory=dict)

    def received(
        self, path: str, *, content: str = "", comments_feed: str | None = None, revision: str = "r1"
    ) -> Received[Entry]:
        """The entry of that page, as the next record of its topic."""
        entry = Entry(
            id=f"entry {path}",
            feed=f"{self.site.url}/rss.xml",
            guid=path,
            url=f"{self.site.url}{path}",
            title="Title",
            content=content,
            comments_feed=comments_feed,
            revision=revision,
            times=Times(seen=self.now),
        )
        self.offset += 1
        return Received(value=entry, topic="t.entries", partition=0, offset=self.offset, headers=(), at=self.now)

    async def queue(
        self, path: str, *, content: str = "", comments_feed: str | None = None, revision: str = "r1"
    ) -> None:
        await self.intake([self.received(path, content=content, comments_feed=comments_feed, revision=revision)])

    async def leased(self, kind: str) -> Job | None:
        found = await self.database.due.lease(
            kind, limit=1, per_host=9, now=self.now, until=self.now + timedelta(minutes=3)
        )
        return found[0] if found else None

    async def work(self, kind: str = PAGE) -> bool:
        """Work on the next due row; False where none is due."""
        job = await self.leased(kind)
        if job is not None:
            await (self.reader if kind == COMMENTS else self.fetcher)(job)
        return job is not None

    async def articles(self) -> list[CollectedArticle]:
        return [event for event in await self._collected() if isinstance(event, CollectedArticle)]

    async def comments(self) -> list[CollectedComment]:
        return [event for event in await self._collected() if isinstance(event, CollectedComment)]

    async def _collected(self) -> list[object]:
        return [to_event(record) async for record in self.bus.browse("t.collected")]

    async def dead(self) -> list[tuple[str, str, str]]:
        """Reason, topic and offset of each dead letter."""
        names = ("dead_reason", "dead_topic", "dead_offset")
        letters = [record async for record in self.bus.browse("t.dead")]
        return [(header(one, names[0]), header(one, names[1]), header(one, names[2])) for one in letters]


@asynccontextmanager
async def working_desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(Site())
        bus = await stack.enter_async_context(SqliteBus(tmp_path / "bus.sqlite"))
        database = await stack.enter_async_context(open_database(f"sqlite:///{tmp_path}/database.sqlite", schema="t"))
        state = await stack.enter_async_context(open_state(f"sqlite:///{tmp_path}/state.sqlite", prefix="t"))
        door = await stack.enter_async_context(Door(allow=[ipaddress.ip_network("127.0.0.0/8")]))
        web_client = PoliteClient(door, state.hosts, workers=Workers(1), gap=timedelta(), user_agent="wiredesk")
        made: list[Desk] = []
        environ: dict[str, str] = {}
        deps = PagesDeps(
            bus=bus,
            database=database,
            web_client=web_client,
            workers=Workers(1),
            prefix="t",
            now=lambda: made[0].now,
            environ=environ,
        )
        intake = Intake(database.pages, nudge=lambda: None, now=lambda: made[0].now)
        for path, page in paper.pages(site.url).items():
            site.serve(path, page)
        made.append(
            Desk(
                site=site,
                bus=bus,
                database=database,
                fetcher=Fetcher(deps),
                reader=CommentReader(deps),
                intake=intake,
                environ=environ,
            )
        )
        yield made[0]


def a_comment(native: str, author: str, text: str) -> str:
    return (
        f'<div itemprop="comment" itemscope itemtype="https://schema.org/Comment" id="{native}">'
        f'<span itemprop="author" itemscope itemtype="https://schema.org/Person"><span itemprop="name">{author}</span></span>'
        f'<div itemprop="text">{text}</div></div>'
    )
