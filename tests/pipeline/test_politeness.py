"""Hosts that want to be asked slowly, or not at all for now: everything arrives, nothing is fetched twice, the run ends."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.pipeline import paper
from tests.pipeline.items import stored
from tests.pipeline.running import COMMAND, environment, wiredesk
from tests.web import Page, Site, item, rss

AN_HOUR = Page(status=429, retry_after="3600")
MANNERLY_SECONDS = 3.5
"""An end takes a second or two; a busy machine is given more. The turn is 5 s away, and the budget 20."""


def serve(site: Site, *, comments: Page | None = None) -> str:
    """One article with a comment feed, in a feed; the feed's URL."""
    pages = paper.pages(site.url)
    site.serve("/harvest", pages["/harvest"])
    site.serve("/harvest/comments.xml", comments or pages["/harvest/comments.xml"])
    extra = f"<wfw:commentRss>{site.url}/harvest/comments.xml</wfw:commentRss>"
    entry = item("harvest", link=f"{site.url}/harvest", text=" ", extra=extra)
    return site.serve("/rss.xml", Page(body=rss(entry), content_type="application/rss+xml"))


async def test_with_a_host_gap_longer_than_a_fetcher_waits_page_and_comment_feed_are_fetched_once(home: Path) -> None:
    env = environment(home, WIREDESK_HOST_GAP="6s")
    async with Site() as site:
        ended = await wiredesk("run", "--feed", serve(site), "--until-idle", env=env)
        counts = {path: site.count(path) for path in ("/rss.xml", "/harvest", "/harvest/comments.xml")}

    assert ended.status == 0, ended.err
    assert set(counts.values()) == {1}, counts
    assert sorted(str(one["kind"]) for one in await stored(env)) == ["article", "comment", "comment"]


async def test_a_comment_feed_that_is_to_be_left_alone_is_listed_and_its_article_is_there(home: Path) -> None:
    env = environment(home)
    async with Site() as site:
        ended = await wiredesk("run", "--feed", serve(site, comments=AN_HOUR), "--until-idle", env=env)
        listed = f"waiting: comments {site.url}/harvest/comments.xml until "

    assert ended.status == 3, ended.err
    assert listed in ended.err
    assert [one["kind"] for one in await stored(env)] == ["article"]


async def test_a_run_until_idle_ends_where_four_feeds_of_one_host_wait_for_an_hour(home: Path) -> None:
    env = environment(home)
    async with Site() as site:
        urls = [site.serve(f"/{number}.xml", AN_HOUR) for number in range(4)]
        flags = [argument for url in urls for argument in ("--feed", url)]
        ended = await wiredesk("run", *flags, "--until-idle", env=env, patience=60)

    assert ended.status in (1, 3), ended.err
    waiting = [url for url in urls if f"waiting: feed {url} until " in ended.err]
    failed = [url for url in urls if f"failed: {url}" in ended.err]
    assert sorted(waiting + failed) == urls
    assert len(waiting) >= 2


async def test_of_four_feeds_the_one_that_is_to_be_left_alone_holds_up_the_end_of_no_run(home: Path) -> None:
    """Those whose turn had come are polled; the host is left alone by all for an hour, and the rest is listed."""
    env = environment(home, WIREDESK_HOST_GAP="1s")
    async with Site() as site, Site("127.0.1.1") as other:
        urls = [site.serve("/0.xml", AN_HOUR)]
        urls += [site.serve(f"/{number}.xml", Page(body=rss(item("a", link=f"{other.url}/a")))) for number in (1, 2, 3)]
        flags = [argument for url in (*urls, serve(other)) for argument in ("--feed", url)]
        ended = await wiredesk("run", *flags, "--until-idle", env=env, patience=60)

    assert ended.status == 3, ended.err
    assert f"failed: {urls[0]}: status 429" in ended.err
    assert [url for url in urls[1:] if f"waiting: feed {url} until " in ended.err][-1:] == urls[3:]
    assert "Early harvest" in str([one.get("title") for one in await stored(env)])


@pytest.mark.parametrize(
    ("settings", "flags", "asked_last"),
    [
        pytest.param({"WIREDESK_HOST_GAP": "5s"}, (), "/robots.txt", id="a worker waits for the host's turn"),
        pytest.param({"WIREDESK_HOST_GAP": "20s"}, ("--until-idle",), "/rss.xml", id="a run until idle waits for rows"),
    ],
)
async def test_sigterm_waits_for_no_turn_of_a_host(
    home: Path, settings: Mapping[str, str], flags: Sequence[str], asked_last: str
) -> None:
    env = environment(home, **settings)
    async with Site() as site:
        process = await asyncio.create_subprocess_exec(
            *COMMAND, "run", "--feed", serve(site), *flags, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        try:
            await site.wait_for(asked_last)
            assert process.stderr is not None
            asked_at = time.monotonic()
            process.send_signal(signal.SIGTERM)
            _, err = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    # Whoever wanted all of it done is told that it is not.
    assert process.returncode == (3 if flags else 0), err.decode()[-2_000:]
    assert time.monotonic() - asked_at < MANNERLY_SECONDS, err.decode()[-2_000:]
