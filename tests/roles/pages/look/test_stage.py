"""Fetching pages, against a real site, log, state and database."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.pipeline import paper
from tests.web import Page, Site, item, rss
from wiredesk.bus.records import header, to_event
from wiredesk.bus.sqlite import SqliteBus
from wiredesk.database import Database, open_database
from wiredesk.database.due import Job
from wiredesk.events import CollectedArticle, CollectedComment, Entry, Times
from wiredesk.outbound.door import Door
from wiredesk.outbound.manners import Manners
from wiredesk.pipeline import Received
from wiredesk.roles.pages.look.comment_feeds import CommentReader
from wiredesk.roles.pages.look.intake import Intake
from wiredesk.roles.pages.look.jobs import COMMENTS, PAGE, THREAD
from wiredesk.roles.pages.look.publishing import Deps
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

    async def queue(
        self, path: str, *, content: str = "", comments_feed: str | None = None, revision: str = "r1"
    ) -> None:
        entry = Entry(
            id=f"entry {path}", feed=f"{self.site.url}/rss.xml", guid=path, url=f"{self.site.url}{path}", title="Title",
            content=content, comments_feed=comments_feed, revision=revision, times=Times(seen=self.now),
        )  # fmt: skip
        self.offset += 1
        await self.intake(
            [Received(value=entry, topic="t.entries", partition=0, offset=self.offset, headers=(), at=self.now)]
        )

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


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(Site())
        bus = await stack.enter_async_context(SqliteBus(tmp_path / "bus.sqlite"))
        database = await stack.enter_async_context(open_database(f"sqlite:///{tmp_path}/database.sqlite", schema="t"))
        state = await stack.enter_async_context(open_state(f"sqlite:///{tmp_path}/state.sqlite", prefix="t"))
        door = await stack.enter_async_context(Door(allow=[ipaddress.ip_network("127.0.0.0/8")]))
        manners = Manners(door, state.hosts, gap=timedelta(), user_agent="wiredesk")
        made: list[Desk] = []
        deps = Deps(
            bus=bus, database=database, manners=manners, workers=Workers(1), prefix="t", now=lambda: made[0].now
        )  # fmt: skip
        intake = Intake(database.pages, nudge=lambda: None, now=lambda: made[0].now)
        for path, page in paper.pages(site.url).items():
            site.serve(path, page)
        made.append(
            Desk(
                site=site, bus=bus, database=database, fetcher=Fetcher(deps), reader=CommentReader(deps), intake=intake
            )
        )
        yield made[0]


async def test_a_page_becomes_an_article_and_its_comments_and_is_not_fetched_again_for_an_hour(desk: Desk) -> None:
    await desk.queue("/bridge")

    assert await desk.work()
    await desk.queue("/bridge")  # the same link, in a second feed

    assert not await desk.work()
    (article,) = await desk.articles()
    assert article.text == "\n\n".join(paper.BRIDGE)
    assert (article.extraction.source, article.times.fetched) == ("page", START)
    assert [(one.author, one.article_id) for one in await desk.comments()] == [
        ("Marta", article.id),
        ("Jo", article.id),
    ]
    assert desk.site.count("/bridge") == 1


async def test_a_thread_is_looked_at_again_and_only_what_is_new_is_published(desk: Desk) -> None:
    await desk.queue("/ferry")
    await desk.work()
    page = paper.pages(desk.site.url)["/ferry"].body
    assert isinstance(page, str)
    desk.site.serve(
        "/ferry", Page(body=page.replace("</section>", _comment("c8", "Ida", "The fog was thick.") + "</section>"))
    )

    assert not await desk.work(THREAD)  # not due yet
    desk.now += HOUR
    assert await desk.work(THREAD)

    assert [one.author for one in await desk.comments()] == ["Nils", "Ida"]
    assert len(await desk.articles()) == 1


async def test_a_page_with_an_empty_place_for_comments_is_looked_at_again_and_left_after_three_silent_days(
    desk: Desk,
) -> None:
    page = paper.pages(desk.site.url)["/harvest"].body
    assert isinstance(page, str)
    empty = page.replace("</body>", '<section id="comments"></section></body>')
    for path in ("/harvest", "/strike"):
        desk.site.serve(path, Page(body=empty.replace("/harvest", path)))
        await desk.queue(path)
        await desk.work()
    desk.now += HOUR
    answered = empty.replace("</section>", _comment("c1", "Ida", "At last.") + "</section>")
    desk.site.serve("/harvest", Page(body=answered))

    assert [await desk.work(THREAD) for _ in range(3)] == [True, True, False]
    assert [one.author for one in await desk.comments()] == ["Ida"]
    desk.now += 72 * HOUR
    assert [await desk.work(THREAD) for _ in range(3)] == [True, True, False]
    desk.now += 24 * HOUR
    assert [await desk.work(THREAD) for _ in range(2)] == [True, False]  # only the discussed one


async def test_a_page_without_a_place_for_comments_is_looked_at_once(desk: Desk) -> None:
    await desk.queue("/harvest")
    await desk.work()
    desk.now += 24 * HOUR

    assert not await desk.work(THREAD)


async def test_a_corrected_page_is_a_new_capture_of_the_same_article(desk: Desk) -> None:
    await desk.queue("/ferry")
    await desk.work()
    page = paper.pages(desk.site.url)["/ferry"].body
    assert isinstance(page, str)
    desk.site.serve("/ferry", Page(body=page.replace("214 people", "241 people")))
    desk.now += HOUR
    await desk.work(THREAD)

    first, second = await desk.articles()
    assert first.id == second.id
    assert first.capture != second.capture
    assert "241 people" in second.text


async def test_a_comment_feed_s_comments_belong_to_the_article(desk: Desk) -> None:
    await desk.queue("/harvest", comments_feed=f"{desk.site.url}/harvest/comments.xml")
    await desk.work()

    (article,) = await desk.articles()
    assert await desk.comments() == []  # a request of its own, when its host's turn comes
    assert await desk.work(COMMENTS)
    assert not await desk.work(COMMENTS)
    assert [(one.author, one.article_id) for one in await desk.comments()] == [("Rosa", article.id)] * 2
    assert desk.site.count("/harvest") == 1


async def test_each_look_at_a_thread_asks_for_its_comment_feed_again_and_only_what_is_new_is_published(
    desk: Desk,
) -> None:
    await desk.queue("/harvest", comments_feed=f"{desk.site.url}/harvest/comments.xml")
    for kind in (PAGE, COMMENTS):
        await desk.work(kind)

    desk.now += HOUR
    assert [await desk.work(THREAD), await desk.work(COMMENTS), await desk.work(COMMENTS)] == [True, True, False]

    assert len(await desk.comments()) == 2
    assert desk.site.count("/harvest/comments.xml") == 2


@pytest.mark.parametrize(
    ("page", "is_asked_again"), [(Page(status=500), True), (Page(status=404), False), (Page(body="no feed"), False)]
)
async def test_a_comment_feed_that_cannot_be_had_costs_its_page_nothing(
    desk: Desk, page: Page, is_asked_again: bool
) -> None:
    desk.site.serve("/harvest/comments.xml", page)
    await desk.queue("/harvest", comments_feed=f"{desk.site.url}/harvest/comments.xml")
    for kind in (PAGE, COMMENTS):
        await desk.work(kind)

    assert [article.extraction.source for article in await desk.articles()] == ["page"]
    assert (await desk.database.due.first_waiting([COMMENTS]) is not None) == is_asked_again
    desk.now += HOUR
    assert await desk.work(THREAD)
    assert await desk.database.due.next_due(COMMENTS) is not None
    assert desk.site.count("/harvest") == 2


async def test_a_comment_that_page_and_feed_both_show_is_published_once(desk: Desk) -> None:
    page = paper.pages(desk.site.url)["/ferry"].body
    assert isinstance(page, str)
    text = "The fog was thick, and no horn was heard."
    desk.site.serve("/ferry", Page(body=page.replace("</section>", _comment("c8", "Ida", text) + "</section>")))
    feed = item("c8", guid="tag:c8", link=f"{desk.site.url}/ferry#c8", text=f"{text}")
    own = item("c9", guid="tag:c9", link=f"{desk.site.url}/ferry#c9", text="Only the feed has this.")
    desk.site.serve("/ferry.xml", Page(body=rss(feed, own), content_type="application/rss+xml"))
    await desk.queue("/ferry", comments_feed=f"{desk.site.url}/ferry.xml")
    for kind in (PAGE, COMMENTS):
        await desk.work(kind)
    for _ in range(3):
        desk.now += HOUR
        await desk.work(THREAD)
        await desk.work(COMMENTS)

    texts = [comment.text for comment in await desk.comments()]
    assert texts.count(text) == 1
    assert texts.count("Only the feed has this.") == 1
    assert len({comment.id for comment in await desk.comments()}) == len(texts)


async def test_a_text_that_goes_back_to_what_it_was_is_a_capture_of_its_own(desk: Desk) -> None:
    await desk.queue("/ferry")
    await desk.work()
    page = paper.pages(desk.site.url)["/ferry"].body
    assert isinstance(page, str)
    for body in (page.replace("214 people", "241 people"), page, page):
        desk.site.serve("/ferry", Page(body=body))
        desk.now += HOUR
        assert await desk.work(THREAD)

    articles = await desk.articles()
    assert ["241 people" in article.text for article in articles] == [False, True, False]
    assert len({article.capture for article in articles}) == 3


async def test_an_entry_that_goes_back_to_what_it_said_before_is_published_again(desk: Desk) -> None:
    for text, revision in (("Before.", "r1"), ("After.", "r2"), ("Before.", "r1")):
        await desk.queue("/missing", content=f"<p>{text} A sentence or two.</p>", revision=revision)
        desk.site.serve("/missing", Page(status=410))
        assert await desk.work()
        desk.now += timedelta(minutes=1)

    assert [article.text[:5] for article in await desk.articles()] == ["Befor", "After", "Befor"]
    assert len({article.capture for article in await desk.articles()}) == 3


async def test_an_erased_page_is_not_looked_at_any_more(desk: Desk) -> None:
    await desk.queue("/ferry")
    await desk.work()
    (article,) = await desk.articles()
    desk.now += HOUR
    job = await desk.leased(THREAD)
    assert job is not None
    await desk.database.items.delete(ids=[article.id])

    await desk.fetcher(job)

    assert desk.site.count("/ferry") == 1


async def test_an_edited_entry_does_not_make_a_second_thread_of_its_article(desk: Desk) -> None:
    for revision in ("r1", "r2"):
        await desk.queue("/ferry", revision=revision)
        assert await desk.work()
    desk.now += HOUR

    assert [await desk.work(THREAD) for _ in range(2)] == [True, False]
    assert len(await desk.comments()) == 1


async def test_a_page_that_is_away_is_published_from_the_feed_at_once_and_mended_later(desk: Desk) -> None:
    desk.site.serve("/late", Page(status=503, retry_after="1"))
    await desk.queue("/late", content=f"<p>{paper.STRIKE[0]}</p>")
    await desk.work()
    (degraded,) = await desk.articles()
    assert (degraded.extraction.source, degraded.text) == ("feed", paper.STRIKE[0])

    desk.site.serve("/late", paper.pages(desk.site.url)["/bridge"])
    desk.now += HOUR
    job = await desk.leased(PAGE)
    assert job is not None
    assert job.routine
    await desk.fetcher(job)
    mended = (await desk.articles())[-1]
    assert mended.extraction.source == "page"


async def test_a_page_without_text_anywhere_is_tried_again_and_then_dead_as_its_entry(desk: Desk) -> None:
    await desk.queue("/never")
    tries = 0
    while await desk.work():
        tries += 1
        desk.now += timedelta(hours=2)

    assert tries == 5
    assert await desk.dead() == [("http 404", "t.entries", "7")]
    assert await desk.articles() == []


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (Page(status=410), "http 410"),
        (Page(status=403), "http 403"),
        (Page(body=b"%PDF-1.7", content_type="application/pdf"), "not html"),
        (Page(body=b"x" * (11 * 1024 * 1024)), "too_large"),
        (Page(body=b"<html><body><nav>Home</nav></body></html>"), "no text"),
    ],
)
async def test_what_will_not_pass_is_dead_at_once_with_its_reason(desk: Desk, page: Page, reason: str) -> None:
    desk.site.serve("/bad", page)
    await desk.queue("/bad")
    await desk.work()

    assert await desk.dead() == [(reason, "t.entries", "7")]
    assert desk.site.count("/bad") == 1


async def test_what_robots_txt_forbids_is_not_fetched_and_the_feed_s_content_is_taken(desk: Desk) -> None:
    desk.site.serve("/robots.txt", Page(body="User-agent: *\nDisallow: /bridge", content_type="text/plain"))
    await desk.queue("/bridge", content="<p>Only what the feed says of the bridge.</p>")
    await desk.work()

    assert desk.site.count("/bridge") == 0
    (article,) = await desk.articles()
    assert article.extraction.source == "feed"


async def test_a_part_of_a_page_that_brings_its_text_is_an_article_of_its_own_and_nothing_is_fetched(
    desk: Desk,
) -> None:
    for day in ("monday", "tuesday"):
        await desk.queue(f"/week#{day}", content=f"<p>What happened on {day}, in a sentence or two.</p>")
        await desk.work()

    assert len({article.id for article in await desk.articles()}) == 2
    assert desk.site.count("/week") == 0


async def test_work_that_raised_sends_the_entry_to_the_dead_letters(desk: Desk) -> None:
    await desk.queue("/bridge")
    job = await desk.leased(PAGE)
    assert job is not None
    await desk.fetcher.give_up(job, RuntimeError("a bug"))

    assert await desk.dead() == [("failed", "t.entries", "7")]
    assert not await desk.work()


async def test_killed_between_publishing_and_noting_the_same_captures_come_again(desk: Desk) -> None:
    await desk.queue("/bridge")
    job = await desk.leased(PAGE)
    assert job is not None
    await desk.fetcher(replace(job, lease="of who was killed"))  # as if the note had never been made
    desk.now += timedelta(minutes=10)
    await desk.work()

    captures = [article.capture for article in await desk.articles()]
    assert captures[0] == captures[1]
    assert len(set(captures)) == 1


def _comment(native: str, author: str, text: str) -> str:
    return (
        f'<div itemprop="comment" itemscope itemtype="https://schema.org/Comment" id="{native}">'
        f'<span itemprop="author" itemscope itemtype="https://schema.org/Person"><span itemprop="name">{author}</span></span>'
        f'<div itemprop="text">{text}</div></div>'
    )
