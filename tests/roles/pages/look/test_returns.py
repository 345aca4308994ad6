"""Pages that are looked at again: texts that go back, entries that are edited, articles that are erased."""

from __future__ import annotations

from datetime import timedelta

from tests.pipeline import paper
from tests.roles.pages.look.desk import HOUR, Desk
from tests.web import Page
from wiredesk.roles.pages.look.jobs import THREAD


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
