"""Pages as no publisher should write them: each is an article all the same, and its neighbours never hear of it."""

from __future__ import annotations

import json

import pytest

from tests.roles.pages.look.desk import Desk
from tests.web import Page, item, rss
from wiredesk.bus import MAX_VALUE_BYTES
from wiredesk.events import encode
from wiredesk.roles.pages.look.jobs import COMMENTS

MILLION = 1_000_000
SENTENCES = "".join(
    f"<p>A sentence of some length about the ferry and its passengers, number {n}.</p>" for n in range(9)
)
FACTS = {"@type": "NewsArticle", "headline": "Ferry", "author": {"name": "Anna"}}


def page(facts: object = FACTS, *, head: str = "", body: str = "") -> Page:
    script = f'<script type="application/ld+json">{json.dumps(facts)}</script>'
    return Page(
        body=f"<html><head>{script}{head}</head><body><article><h1>Ferry</h1>{SENTENCES}</article>{body}</body></html>"
    )


def meta(name: str, letter: str = "x") -> str:
    return f'<meta property="{name}" content="{letter * MILLION}">'


LONG = {
    "section": page(FACTS | {"articleSection": "x" * 905_000}),
    "section of wide letters": page(head=meta("article:section", "\U0001f600")),
    "title": page({}, head=meta("og:title")),
    "headline": page(FACTS | {"headline": "x" * 905_000}),
    "name of the site": page(head=meta("og:site_name")),
    "author": page(FACTS | {"author": "x" * 905_000}),
    "authors": page(FACTS | {"author": [{"name": f"{n}"} for n in range(20_000)]}),
    "keywords": page(FACTS | {"keywords": ["x" * 300_000, "y" * 300_000, "z" * 300_000]}),
    "language": page(FACTS | {"inLanguage": "x" * 905_000}),
    "canonical address": page(head=f'<link rel="canonical" href="/{"x" * MILLION}">'),
    "image": page(FACTS | {"image": f"/{'x' * 905_000}"}),
    "likes of a comment": page([FACTS, {"@type": "Comment", "text": "Wet.", "upvoteCount": 10**1_000}]),
    "number of a comment": page([FACTS, {"@type": "Comment", "text": "Wet.", "@id": "x" * 800_000}]),
    "author of a comment": page([FACTS, {"@type": "Comment", "text": "Wet.", "author": "x" * 800_000}]),
    "text of a comment": page([FACTS, {"@type": "Comment", "text": "\U0001f600" * 50_000}]),
}


@pytest.mark.parametrize("odd", LONG.values(), ids=LONG)
async def test_an_over_long_part_of_a_page_is_cut_and_the_article_published(desk: Desk, odd: Page) -> None:
    desk.site.serve("/odd", odd)
    await desk.queue("/odd")
    await desk.work()

    (article,) = await desk.articles()
    assert len(encode(article)) <= MAX_VALUE_BYTES
    assert article.extraction.source == "page"
    assert await desk.dead() == []
    assert len(await desk.comments()) == str(odd.body).count('"Comment"')


ODD = ("\ud83d", "\x00", "\uffff", "\ufffe", "\x1b", "\x9b", "\u202e")


@pytest.mark.parametrize("letters", ODD, ids=repr)
async def test_odd_characters_anywhere_in_json_ld_do_not_cost_the_page(desk: Desk, letters: str) -> None:
    names = ("headline", "articleSection", "keywords", "inLanguage", "publisher", "image")
    facts = FACTS | {name: f"Sea{letters}" for name in names} | {"author": {"name": f"Anna{letters}", "@id": letters}}
    comment = {"@type": "Comment", "text": f"Wet{letters}", "author": f"Ben{letters}", "@id": f"c{letters}"}
    desk.site.serve("/odd", page([facts, comment]))
    await desk.queue("/odd")
    await desk.work()

    (article,), (reader,) = await desk.articles(), await desk.comments()
    assert (article.section, article.authors, article.tags) == ("Sea", ("Anna",), ("Sea",))
    assert (reader.text, reader.author) == ("Wet", "Ben")
    assert await desk.dead() == []


async def test_the_feed_s_own_text_of_odd_characters_and_depth_is_an_article_too(desk: Desk) -> None:
    content = "<div>" * 100 + "<p>Rain &#xFFFF;fell&#0; on &#55357;the \x1b town.</p>" + "</div>" * 100
    await desk.queue("/gone", content=content)
    desk.site.serve("/gone", Page(status=410))
    await desk.work()

    (article,) = await desk.articles()
    assert article.extraction.source == "feed"
    assert article.text.startswith("Rain ")


async def test_comments_of_a_comment_feed_arrive_whatever_stands_in_them(desk: Desk) -> None:
    desk.site.serve("/odd", page())
    written = item("one", extra="<author>Ann &#55357;</author><description>Wet &#55357;&#56832; &#7;</description>")
    desk.site.serve("/odd/comments", Page(body=rss(written, item("two")), content_type="application/rss+xml"))
    await desk.queue("/odd", comments_feed=f"{desk.site.url}/odd/comments")
    await desk.work()
    await desk.work(COMMENTS)

    assert len(await desk.comments()) == 2
