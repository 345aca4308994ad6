from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from tests.demo import small
from wiredesk.demo import newsroom
from wiredesk.demo.press import Clock, Press, listening
from wiredesk.documents.parse import parse

FORMATS = sorted({feed.format for feed in newsroom.read(newsroom.bundled()).newsroom.feed})


@pytest.mark.parametrize("format_", FORMATS)
async def test_feeds_of_every_format_list_what_is_published(tmp_path: Path, format_: str) -> None:
    text = small.NEWSROOM.replace('path = "/feed.xml"', f'path = "/feed.xml"\nformat = "{format_}"')
    press = Press(newsroom.read(small.write(tmp_path / "newsroom", newsroom=text)), Clock())

    async with press.on_air(), aiohttp.ClientSession() as client, client.get(press.url_of("one/feed.xml")) as answer:
        document = parse(await answer.read(), url=str(answer.url), content_type=answer.headers["Content-Type"])

    (entry,) = document.entries
    assert entry.url == press.url_of("one/bridge")
    assert entry.title == "Cracks close the old bridge in Lyon"
    assert entry.published_at is not None


async def test_a_page_that_is_known_is_answered_with_304(tmp_path: Path) -> None:
    press = Press(newsroom.read(small.write(tmp_path / "newsroom")), Clock())

    async with press.on_air(), aiohttp.ClientSession() as client:
        url = press.url_of("one/bridge")
        async with client.get(url) as first:
            etag = first.headers["ETag"]
        async with client.get(url, headers={"If-None-Match": etag}) as second:
            status = second.status

    assert status == 304
    assert press.served.answers == {("one", 200): 1, ("one", 304): 1}


async def test_what_is_published_later_is_not_there_yet(tmp_path: Path) -> None:
    press = Press(newsroom.read(small.write(tmp_path / "newsroom")), Clock())

    async with (
        press.on_air(),
        aiohttp.ClientSession() as client,
        client.get(press.url_of("two/harvest")) as answer,
    ):
        assert answer.status == 404


async def test_a_busy_site_remembers_who_asks_before_it_may(tmp_path: Path) -> None:
    story = small.STORY.replace('path = "/bridge"', 'path = "/bridge"\ntrouble = "busy"')
    press = Press(newsroom.read(small.write(tmp_path / "newsroom", story=story)), Clock())

    async with press.on_air(), aiohttp.ClientSession() as client:
        async with client.get(press.url_of("one/bridge")) as first:
            assert (first.status, first.headers["Retry-After"]) == (429, "3")
        async with client.get(press.url_of("one/bridge")) as second:
            assert second.status == 200

    assert press.served.impatient == ["one/bridge"]


async def test_where_the_system_has_no_such_loopback_address_a_port_does() -> None:
    async with listening(web.Application(), "203.0.113.1") as url:
        assert url.startswith("http://127.0.0.1:")
