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


async def texts(desk: Desk) -> list[str]:
    return [article.text.split(".")[0] for article in await desk.articles()]


async def worked(desk: Desk) -> None:
    while await desk.work():
        desk.now += timedelta(seconds=1)


async def test_an_entry_that_goes_back_within_one_batch_ends_with_what_it_says_last(desk: Desk) -> None:
    desk.site.serve("/missing", Page(status=410))
    await desk.intake([desk.received("/missing", content="<p>Before. A sentence.</p>", revision="r1")])
    await worked(desk)
    desk.now += timedelta(minutes=1)

    batch = (("After.", "r2"), ("Before.", "r1"))
    await desk.intake(
        [desk.received("/missing", content=f"<p>{text} A sentence.</p>", revision=name) for text, name in batch]
    )
    desk.now += timedelta(seconds=1)
    await worked(desk)

    assert await texts(desk) == ["Before", "After", "Before"]


async def test_an_entry_that_goes_back_before_anybody_looked_ends_with_what_it_says_last(desk: Desk) -> None:
    desk.site.serve("/missing", Page(status=410))
    for text, name in (("Before.", "r1"), ("After.", "r2"), ("Before.", "r1")):
        await desk.intake([desk.received("/missing", content=f"<p>{text} A sentence.</p>", revision=name)])
        desk.now += timedelta(minutes=1)

    await worked(desk)

    assert await texts(desk) == ["After", "Before"]


async def test_a_text_that_goes_back_is_one_also_where_its_page_could_not_be_had_at_first(desk: Desk) -> None:
    def page(text: str) -> Page:
        body = "".join(f"<p>{text}. A sentence of some length about the ferry, number {n}.</p>" for n in range(9))
        return Page(body=f"<html><title>T</title><article><h1>T</h1>{body}</article></html>")

    for text, name in (("Before", "r1"), ("After", "r2"), ("Before", "r1")):
        desk.site.serve("/x", Page(status=404) if len(await texts(desk)) == 2 else page(text))
        await desk.intake([desk.received("/x", revision=name)])
        await worked(desk)
        desk.now += HOUR
        desk.site.serve("/x", page(text))
        await worked(desk)

    assert await texts(desk) == ["Before", "After", "Before"]
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
