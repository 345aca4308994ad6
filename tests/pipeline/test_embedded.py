"""`wiredesk run --until-idle`, as somebody tries it first."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipeline import paper
from tests.pipeline.items import stored
from tests.pipeline.running import environment, wiredesk
from tests.web import Page, Site, item, rss


async def test_a_feed_s_articles_and_comments_are_stored_and_found_and_the_run_ends_by_itself(home: Path) -> None:
    env = environment(home)
    async with paper.printed() as site:
        ended = await wiredesk("run", "--feed", f"{site.url}{paper.FEED}", "--until-idle", env=env)
    assert ended.status == 0, ended.err
    assert "4 articles and 5 comments" in ended.out
    found = await stored(env)
    articles = {str(one["title"]): one for one in found if one["kind"] == "article"}
    assert sorted(articles) == [
        "Cracks close old bridge",
        "Early harvest after driest January",
        "Ferry aground off Bergen",
        "Trams stand still on Wednesday",
    ]
    assert articles["Cracks close old bridge"]["text"] == "\n\n".join(paper.BRIDGE)
    assert articles["Cracks close old bridge"]["authors"] == ["Ana Ruiz"]
    comments = {str(one["text"]): one for one in found if one["kind"] == "comment"}
    answer = comments["They were behind the masonry, as the article says."]
    asked = comments["I crossed it every day for thirty years and never saw a crack."]
    assert (answer["author"], answer["parent_id"], answer["depth"]) == ("Jo", asked["id"], 1)
    assert asked["article_id"] == articles["Cracks close old bridge"]["id"]
    assert {
        one["author"] for one in found if one.get("article_id") == articles["Early harvest after driest January"]["id"]
    } == {"Rosa"}


async def test_an_entry_whose_page_is_gone_is_stored_with_the_feed_s_own_content_and_marked_so(home: Path) -> None:
    env = environment(home)
    async with paper.printed() as site:
        await wiredesk("run", "--feed", f"{site.url}{paper.FEED}", "--until-idle", env=env)
    (strike,) = await stored(env, "tram", "drivers")
    assert strike["text"] == "\n\n".join(paper.STRIKE)
    assert isinstance(strike["extraction"], dict)
    assert strike["extraction"]["source"] == "feed"


async def test_a_second_run_stores_nothing_twice(home: Path) -> None:
    env = environment(home)
    async with paper.printed() as site:
        for _ in range(2):
            ended = await wiredesk("run", "--feed", f"{site.url}{paper.FEED}", "--until-idle", env=env)
            assert ended.status == 0, ended.err
    assert len(await stored(env)) == 9


async def test_without_allow_the_refusal_of_a_loopback_address_names_the_setting(home: Path) -> None:
    env = {name: value for name, value in environment(home).items() if name != "WIREDESK_OUTBOUND_ALLOW"}
    async with Site() as site:
        site.serve(paper.FEED, Page(body=paper.feed(site.url)))
        ended = await wiredesk("run", "--feed", f"{site.url}{paper.FEED}", "--until-idle", env=env)
        assert site.requests == []
    assert ended.status == 1
    assert "WIREDESK_OUTBOUND_ALLOW" in ended.err
    assert "--allow" in ended.err


async def test_a_page_that_is_not_there_yet_is_listed_as_waiting_with_exit_status_3(home: Path) -> None:
    env = environment(home)
    async with Site() as site:
        feed = site.serve("/rss.xml", Page(body=rss(item("soon", link=f"{site.url}/soon", text=" "))))
        ended = await wiredesk("run", "--feed", feed, "--until-idle", env=env)
        waiting = f"{site.url}/soon"
    assert ended.status == 3, ended.err
    assert waiting in ended.err


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"WIREDESK_POLL_FLOR": "60s"}, "did you mean WIREDESK_POLL_FLOOR"),
        ({"WIREDESK_BUS_URL": "amqp://broker"}, "amqp"),
        ({"WIREDESK_LISTEN": "everywhere"}, "WIREDESK_LISTEN='everywhere': expected HOST:PORT"),
        ({"WIREDESK_FEEDS_FILE": "/nowhere/feeds.toml"}, "/nowhere/feeds.toml: No such file"),
        ({"WIREDESK_HOME": "/dev/null/home"}, "WIREDESK_HOME=/dev/null/home"),
        ({"WIREDESK_LISTEN": "0.0.0.0:0"}, "WIREDESK_TOKEN"),
        ({"WIREDESK_TOKEN": "fifteen letters"}, "WIREDESK_TOKEN=***: expected at least 16 characters, got 15"),
        ({"WIREDESK_HEALTH_LISTEN": "8081"}, "WIREDESK_HEALTH_LISTEN='8081': expected HOST:PORT"),
        ({"WIREDESK_TRUSTED_PROXIES": "proxy"}, "WIREDESK_TRUSTED_PROXIES='proxy': expected CIDRs"),
        (
            {"WIREDESK_PUBLIC_URL": "news.example.org"},
            "WIREDESK_PUBLIC_URL='news.example.org': expected an http(s) URL",
        ),
    ],
)
async def test_a_wrong_setting_is_one_clear_line_and_status_1(home: Path, settings: dict[str, str], said: str) -> None:
    ended = await wiredesk("run", "--until-idle", env=environment(home, **settings))
    assert ended.status == 1
    (line,) = ended.err.splitlines()
    assert said in line
    assert "Traceback" not in ended.err
