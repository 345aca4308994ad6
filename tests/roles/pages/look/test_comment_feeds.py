"""Reading the comment feeds of pages that were had."""

from __future__ import annotations

import pytest

from tests.pipeline import paper
from tests.roles.pages.look.desk import HOUR, Desk, a_comment
from tests.web import Page, item, rss
from wiredesk.roles.pages.look.jobs import COMMENTS, PAGE, THREAD


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
    desk.site.serve("/ferry", Page(body=page.replace("</section>", a_comment("c8", "Ida", text) + "</section>")))
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
