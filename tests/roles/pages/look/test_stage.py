"""Fetching pages, against a real site, log, state and database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.pipeline import paper
from tests.roles.pages.look.desk import HOUR, START, Desk, a_comment
from tests.web import Page
from wiredesk.roles.pages.look.jobs import PAGE, THREAD


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
        "/ferry", Page(body=page.replace("</section>", a_comment("c8", "Ida", "The fog was thick.") + "</section>"))
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
    answered = empty.replace("</section>", a_comment("c1", "Ida", "At last.") + "</section>")
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
