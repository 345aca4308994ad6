"""Real delays: a site that asks for ten seconds between requests, with comment feeds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipeline import paper
from tests.pipeline.items import stored
from tests.pipeline.running import environment, wiredesk
from tests.web import Page, Site, item, rss

pytestmark = pytest.mark.faults

ROBOTS = Page(body="User-agent: *\nCrawl-delay: 10\n", content_type="text/plain")


@pytest.mark.parametrize(
    "settings", [{}, {"WIREDESK_HOST_GAP": "10s"}], ids=["Crawl-delay: 10", "and WIREDESK_HOST_GAP=10s"]
)
async def test_everything_of_a_slow_site_arrives_and_each_page_is_fetched_once(
    home: Path, settings: dict[str, str]
) -> None:
    env = environment(home, **settings)
    async with Site() as site:
        pages = paper.pages(site.url)
        entries = []
        for path in ("/harvest", "/bridge"):
            site.serve(path, pages[path])
            site.serve(f"{path}/comments.xml", pages["/harvest/comments.xml"])
            extra = f"<wfw:commentRss>{site.url}{path}/comments.xml</wfw:commentRss>"
            entries.append(item(path.strip("/"), link=f"{site.url}{path}", text=" ", extra=extra))
        site.serve("/robots.txt", ROBOTS)
        feed = site.serve("/rss.xml", Page(body=rss(*entries), content_type="application/rss+xml"))
        ended = await wiredesk("run", "--feed", feed, "--until-idle", env=env, patience=300)
        counts = {asked.path: site.count(asked.path) for asked in site.requests}

    assert ended.status == 0, ended.err
    assert set(counts.values()) == {1}, counts
    assert len(counts) == 6
    kinds = [str(one["kind"]) for one in await stored(env)]
    assert (kinds.count("article"), kinds.count("comment")) == (2, 6)
