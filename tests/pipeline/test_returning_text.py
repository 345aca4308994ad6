"""An entry that says A, then B, then A again is stored as A, and each step is delivered."""

from __future__ import annotations

from pathlib import Path

from tests.pipeline.items import stored
from tests.pipeline.running import environment, wiredesk
from tests.web import Page, Site, item, rss

TEXTS = (
    "The harbour stays open tonight, the port authority of the town said after its meeting.",
    "The harbour is closed tonight, the port authority of the town said after its meeting.",
)


async def test_a_text_that_goes_back_is_a_revision(home: Path) -> None:
    env = environment(home)
    async with Site() as site:
        page = site.serve("/harbour", Page(status=410))
        for text in (*TEXTS, TEXTS[0]):
            feed = site.serve("/rss.xml", Page(body=rss(item("harbour", link=page, text=text))))
            ended = await wiredesk("run", "--feed", feed, "--until-idle", env=env)
            assert ended.status == 0, ended.err
            (article,) = await stored(env)
            assert article["text"] == text

    assert article["verdict"]["kind"] == "revision"  # type: ignore[index]
