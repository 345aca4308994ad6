"""Polling, against a real site, log and database."""

import ipaddress
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.web import Page, Site, item, rss
from wiredesk import events
from wiredesk.bus.records import to_event
from wiredesk.bus.sqlite import SqliteBus
from wiredesk.database import Database, open_database
from wiredesk.database.due import Job
from wiredesk.database.feeds import FEED, FeedStatus, FeedSubscription
from wiredesk.events.envelope import capture_of
from wiredesk.outbound.door import Door
from wiredesk.outbound.politeness import PoliteClient
from wiredesk.roles.feeds.schedule import Bounds
from wiredesk.roles.feeds.stage import Poller, PollerDeps
from wiredesk.state import HostBudgets
from wiredesk.state.open import open_state
from wiredesk.workers import Workers

START = datetime(2026, 1, 6, 12, tzinfo=UTC)


@dataclass
class Desk:
    """A poller with all it works with, and a clock that stands still until moved."""

    site: Site
    bus: SqliteBus
    database: Database
    poller: Poller
    hosts: HostBudgets
    now: datetime = START
    environ: dict[str, str] = field(default_factory=dict)

    async def subscribe(self, path: str, *pages: Page) -> str:
        url = self.site.serve(path, *pages)
        await self.database.feeds.add(FeedSubscription(url=url, origin="command", added_at=self.now))
        return url

    async def job(self) -> Job:
        leased = await self.database.due.lease(
            FEED, limit=1, per_host=1, now=self.now, until=self.now + timedelta(minutes=3)
        )
        return leased[0]

    async def poll(self, *, after: timedelta = timedelta(days=1)) -> None:
        """Work on the next row, having waited until it is due."""
        await self.poller(await self.job())
        self.now += after

    async def published(self, topic: str = "entries") -> list[events.Event]:
        return [to_event(record) async for record in self.bus.browse(f"t.{topic}")]

    async def titles(self) -> list[str]:
        return [entry.title for entry in await self.published() if isinstance(entry, events.Entry)]

    async def changes(self) -> list[str]:
        return [change.change for change in await self.published("feeds") if isinstance(change, events.FeedChanged)]

    async def status(self) -> FeedStatus:
        return (await self.database.feeds.status())[0]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(Site())
        bus = await stack.enter_async_context(SqliteBus(tmp_path / "bus.sqlite"))
        database = await stack.enter_async_context(
            open_database(f"sqlite:///{tmp_path / 'database.sqlite'}", schema="t")
        )
        door = await stack.enter_async_context(Door(allow=[ipaddress.ip_network("127.0.0.0/8")]))
        state = await stack.enter_async_context(open_state(f"sqlite:///{tmp_path / 'state.sqlite'}", prefix="t"))
        web_client = PoliteClient(door, state.hosts, workers=Workers(1), gap=timedelta(), user_agent="wiredesk")
        made: list[Desk] = []
        environ: dict[str, str] = {}
        poller = Poller(
            PollerDeps(
                bus=bus,
                database=database,
                web_client=web_client,
                workers=Workers(1),
                prefix="t",
                bounds=Bounds(),
                now=lambda: made[0].now,
                environ=environ,
            )
        )
        made.append(Desk(site=site, bus=bus, database=database, poller=poller, hosts=state.hosts, environ=environ))
        yield made[0]


async def test_what_is_new_is_published_once(desk: Desk) -> None:
    await desk.subscribe("/f", Page(body=rss(item("b"), item("a"))), Page(body=rss(item("c"), item("b"), item("a"))))

    await desk.poll()
    await desk.poll()
    await desk.poll()

    assert await desk.titles() == ["b", "a", "c"]
    status = await desk.status()
    assert (status.title, status.entries, status.state, status.status_code) == ("A feed", 3, "ok", 200)
    assert status.next_poll_at is not None


async def test_an_edited_entry_is_published_again_with_its_id_and_another_revision(desk: Desk) -> None:
    await desk.subscribe("/f", Page(body=rss(item("a"))), Page(body=rss(item("a", text="corrected"))))

    await desk.poll()
    await desk.poll()

    first, second = await desk.published()
    assert isinstance(first, events.Entry)
    assert isinstance(second, events.Entry)
    assert first.id == second.id
    assert first.revision != second.revision


async def test_a_text_that_goes_back_is_published_again_under_an_id_of_its_own(desk: Desk) -> None:
    first, second = Page(body=rss(item("a"))), Page(body=rss(item("a", text="corrected")))
    await desk.subscribe("/f", first, second, first)

    for _ in range(4):
        await desk.poll()

    entries = [entry for entry in await desk.published() if isinstance(entry, events.Entry)]
    assert [entry.revision for entry in entries] == [entries[0].revision, entries[1].revision, entries[0].revision]
    assert [entry.returned_from for entry in entries] == [None, None, START]
    assert len({capture_of(entry) for entry in entries}) == 3


async def test_an_unchanged_feed_answers_304(desk: Desk) -> None:
    await desk.subscribe(
        "/f", Page(body=rss(item("a")), etag='"1"', last_modified="Tue, 06 Jan 2026 12:00:00 GMT", encoding="gzip")
    )

    await desk.poll()
    await desk.poll()

    second = desk.site.requests[1]
    assert second.headers["If-None-Match"] == '"1"'
    assert second.headers["If-Modified-Since"] == "Tue, 06 Jan 2026 12:00:00 GMT"
    assert (await desk.status()).status_code == 304
    assert await desk.titles() == ["a"]


async def test_a_crash_between_publishing_and_remembering_repeats_and_loses_nothing(desk: Desk) -> None:
    url = await desk.subscribe("/f", Page(body=rss(item("a"))))
    job = await desk.job()
    await desk.database.due.hurry(FEED, url, now=desk.now)
    desk.now += timedelta(minutes=4)  # the lease runs out
    other = await desk.job()

    await desk.poller(job)  # its lease is lost: published, but nothing remembered
    await desk.poller(other)

    first, second = await desk.published()
    assert events.capture_of(first) == events.capture_of(second)
    assert (await desk.status()).entries == 1


async def test_a_busy_host_is_left_alone_and_its_row_waits(desk: Desk) -> None:
    await desk.subscribe("/f", Page(status=429, retry_after="7200"))

    await desk.poll(after=timedelta(hours=3))
    await desk.poll(after=timedelta(hours=3))

    assert desk.site.count("/f") == 1
    wait = (await desk.hosts.waits(["127.0.0.1"]))["127.0.0.1"]
    assert timedelta(hours=1, minutes=59) < wait <= timedelta(hours=2)
    assert await desk.titles() == []


async def test_a_feed_that_fails_is_told_about_and_comes_back(desk: Desk) -> None:
    await desk.subscribe(
        "/f", Page(body=rss(item("a"))), Page(status=500), Page(status=500), Page(body=rss(item("b"), item("a")))
    )

    await desk.poll()
    await desk.poll(after=timedelta(days=2))
    assert (await desk.status()).state == "failing"
    await desk.poll(after=timedelta(days=2))
    await desk.poll()

    assert await desk.changes() == ["failing", "back"]
    assert await desk.titles() == ["a", "b"]
    assert (await desk.status()).state == "ok"


@pytest.mark.parametrize(
    ("page", "told"),
    [
        (Page(body="<!doctype html><p>Login</p>"), "HTML page"),
        (Page(body=""), "white space"),
        (Page(body="<note/>"), "first element is note"),
        (Page(status=404), "status 404"),
        (Page(body=rss(item("a")), cut_off=True), "reset"),
        (Page(body=b"0" * 20_000_000, encoding="gzip"), "more than"),
    ],
)
async def test_what_is_wrong_is_told_and_tried_again(desk: Desk, page: Page, told: str) -> None:
    await desk.subscribe("/f", page, Page(body=rss(item("a"))))

    await desk.poll()
    assert told in (await desk.status()).reason
    await desk.poll()

    assert await desk.titles() == ["a"]


async def test_an_address_that_is_not_allowed_is_named(desk: Desk) -> None:
    await desk.database.feeds.add(FeedSubscription(url="http://10.0.0.1/f", origin="command", added_at=desk.now))

    await desk.poll()

    assert "WIREDESK_OUTBOUND_ALLOW" in (await desk.status()).reason


async def test_a_redirect_is_followed_and_links_are_relative_to_where_it_ends(desk: Desk) -> None:
    desk.site.serve("/deep/feed", Page(body=rss(item("a", link="article"))))
    await desk.subscribe("/f", Page(status=301, redirect_to="/deep/feed"))

    await desk.poll()

    entry = (await desk.published())[0]
    assert isinstance(entry, events.Entry)
    assert (entry.url, entry.feed) == (f"{desk.site.url}/deep/article", f"{desk.site.url}/f")


async def test_a_feed_nobody_wants_any_more_is_not_polled(desk: Desk) -> None:
    url = await desk.subscribe("/f", Page(body=rss(item("a"))))
    job = await desk.job()
    await desk.database.feeds.remove(url)

    await desk.poller(job)

    assert desk.site.requests == []


async def test_a_poll_that_raised_counts_as_failed(desk: Desk) -> None:
    await desk.subscribe("/f", Page())

    await desk.poller.give_up(await desk.job(), KeyError("oops"))

    status = await desk.status()
    assert (status.state, status.reason) == ("failing", "KeyError('oops')")


async def test_many_entries_are_published_whole(desk: Desk) -> None:
    await desk.subscribe("/f", Page(body=rss(*(item(str(number)) for number in range(450)))))

    await desk.poll()

    assert len(await desk.titles()) == 450
