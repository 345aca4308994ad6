"""A small newspaper for pipeline tests: one feed, five entries, comments in three manners, one page that is gone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from tests.web import Page, Site, item, rss

FEED = "/rss.xml"

BRIDGE = (
    (
        "The old stone bridge over the river in Lyon was closed to traffic on Tuesday after engineers found cracks in two of "
        "its arches, the city council said in a statement. Buses are being sent over the northern crossing until further notice."
    ),
    (
        "Repairs are expected to take eleven weeks and cost about 4.2 million euros, according to the council's head of works, "
        "who told reporters that the damage had been hidden behind masonry added during the last renovation in 1978."
    ),
    (
        "Shopkeepers on the east bank fear for their trade. A meeting with residents has been called for Thursday evening in "
        "the town hall, where the engineers will present their drawings and answer questions about the timetable."
    ),
)
HARVEST = (
    (
        "Grape growers in Mendoza have begun picking three weeks earlier than usual after the driest January on record, the "
        "provincial growers' association said on Monday. Yields are expected to fall by a fifth."
    ),
    (
        "The association asked the government in Buenos Aires for cheaper credit so that small estates can pay for wells and "
        "nets. A spokesman for the ministry said that the request was being looked at and that help would come in time."
    ),
    (
        "Older growers remember only one season like it. Prices for export wine rose by nine per cent last month, and buyers "
        "abroad have been told to expect smaller shipments until the end of the year."
    ),
)
FERRY = (
    (
        "A ferry with 214 people on board ran aground off Bergen early on Friday in thick fog; nobody was hurt, the coast "
        "guard said. Passengers were taken ashore in small boats within two hours."
    ),
    (
        "The ship was on its way from Stavanger when its steering failed, the operator said. Divers found a dent of six "
        "metres in the hull but no leak, and a tug is to pull the vessel free at the next high tide."
    ),
    (
        "Investigators came aboard in the afternoon. The line will run with a replacement ship from Saturday, and tickets "
        "for the cancelled crossings are refunded without a form."
    ),
)
STRIKE = (
    (
        "Tram drivers in Kraków will stop work for four hours on Wednesday morning in a dispute over night shifts, their union "
        "announced. Lines to the hospital will be served by buses, the operator promised."
    ),
    (
        "Talks broke off last week after the employer offered a rise of three per cent where the drivers want seven. Both "
        "sides say that they are ready to meet again before the end of the month."
    ),
)


@asynccontextmanager
async def printed() -> AsyncIterator[Site]:
    """The paper on a site of its own."""
    async with Site() as site:
        for path, page in pages(site.url).items():
            site.serve(path, page)
        yield site


def pages(url: str) -> dict[str, Page]:
    """Every path of the paper at `url` and what it answers with."""
    return {
        FEED: Page(body=feed(url), content_type="application/rss+xml"),
        "/bridge": Page(body=_html(url, "/bridge", "Cracks close old bridge", BRIDGE, _bridge_comments())),
        "/harvest": Page(body=_html(url, "/harvest", "Early harvest after driest January", HARVEST)),
        "/harvest/comments.xml": Page(body=_comment_feed(url), content_type="application/rss+xml"),
        "/ferry": Page(body=_html(url, "/ferry", "Ferry aground off Bergen", FERRY, _ferry_comments())),
    }


def feed(url: str) -> str:
    """The feed: of the last two entries, one page is gone and brings its content, the other brings none."""
    return rss(
        item("Cracks close old bridge", guid="bridge", link=f"{url}/bridge"),
        item(
            "Early harvest after driest January",
            guid="harvest",
            link=f"{url}/harvest",
            extra=f"<wfw:commentRss>{url}/harvest/comments.xml</wfw:commentRss>",
        ),
        item("Ferry aground off Bergen", guid="ferry", link=f"{url}/ferry"),
        item(
            "Trams stand still on Wednesday",
            guid="strike",
            link=f"{url}/gone-with-content",
            extra=f"<content:encoded><![CDATA[{_paragraphs(STRIKE)}]]></content:encoded>",
        ),
        title="The Paper",
    )


def _paragraphs(texts: Sequence[str]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def _html(url: str, path: str, title: str, texts: Sequence[str], comments: str = "") -> str:
    return f"""<!doctype html><html lang="en"><head><title>{title} - The Paper</title>
<link rel="canonical" href="{url}{path}"><meta property="og:title" content="{title}">
<meta property="og:site_name" content="The Paper">
<script type="application/ld+json">{{"@context": "https://schema.org", "@type": "NewsArticle", "headline": "{title}",
"datePublished": "2026-11-20T08:30:00+01:00", "author": {{"@type": "Person", "name": "Ana Ruiz"}}}}</script></head>
<body><header><nav><a href="/">Home</a> <a href="/politics">Politics</a> <a href="/sport">Sport</a></nav></header>
<main><article><h1>{title}</h1>{_paragraphs(texts)}</article>{comments}</main>
<footer>Subscribe to our newsletter. All rights reserved.</footer></body></html>"""


def _bridge_comments() -> str:
    """Numbered ids, as WordPress writes them: the second answers the first."""
    return """<section id="comments"><h2>2 comments</h2><ol class="comment-list">
<li id="comment-101" class="comment"><article class="comment-body"><footer><cite class="fn">Marta</cite>
<time datetime="2026-11-20T10:00:00+00:00">20 November</time></footer>
<div class="comment-content"><p>I crossed it every day for thirty years and never saw a crack.</p></div></article>
<ol class="children"><li id="comment-102" class="comment"><article class="comment-body"><footer><cite class="fn">Jo</cite>
<time datetime="2026-11-20T10:20:00+00:00">20 November</time></footer>
<div class="comment-content"><p>They were behind the masonry, as the article says.</p></div></article></li></ol></li>
</ol></section>"""


def _ferry_comments() -> str:
    """Microdata."""
    return """<section><div itemprop="comment" itemscope itemtype="https://schema.org/Comment" id="c7">
<span itemprop="author" itemscope itemtype="https://schema.org/Person"><span itemprop="name">Nils</span></span>
<time itemprop="dateCreated" datetime="2026-11-20T12:00:00+00:00">noon</time>
<div itemprop="text">We sat in the boats for an hour but everybody stayed calm.</div></div></section>"""


def _comment_feed(url: str) -> str:
    comments = (
        f"<item><title>By: Rosa</title><link>{url}/harvest#comment-{number}</link>"
        f'<guid isPermaLink="false">{url}/?p=5#comment-{number}</guid>'
        '<dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">Rosa</dc:creator>'
        f"<pubDate>Fri, 20 Nov 2026 1{number}:00:00 +0000</pubDate><description>{text}</description></item>"
        for number, text in (
            (3, "My grandfather picked in January once, in 1962."),
            (4, "Wells will not help if the river is dry as well."),
        )
    )
    return rss(*comments, title="Comments on: Early harvest")
