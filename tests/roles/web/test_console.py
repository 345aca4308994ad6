"""The console as HTTP gives it: what is on the pages, and what cannot get onto them."""

from __future__ import annotations

import gzip
import re
from datetime import datetime, timedelta
from typing import Any

import lxml.html
import msgspec
import pytest

from tests.contracts.samples import NOW, a_comment, a_copy, an_article
from tests.contracts.statements import executed
from tests.roles.web.api import Answer, Api, serving
from wiredesk.database import Database
from wiredesk.database.feeds import FEED, FeedSubscription, Poll, PollNote
from wiredesk.events import Article, Place, Verdict
from wiredesk.observe import Health
from wiredesk.roles.web.server import Gate

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&"


def page_of(answer: Answer) -> Any:
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return lxml.html.document_fromstring(answer.body.decode())


def words(page: Any, selector: str) -> list[str]:
    return [" ".join(found.text_content().split()) for found in page.xpath(selector)]


TITLES = "//ol[@id='items']//h2"


async def test_the_newest_items_come_first_with_what_is_known_of_them(api: Api, desk: Database) -> None:
    await desk.items.put([an_article("a1", title="Rain"), an_article("a2", title="Snow", regions=["SY"])], now=NOW)
    await desk.items.put([a_comment("c1", article_id="a2")], now=NOW)
    await desk.items.add_sightings([a_copy("k1", of="a2")], now=NOW)

    page = page_of(await api.ask("/", headers=BROWSER))

    row = page.xpath("//li[@data-id='a2']")[0]
    assert sorted(words(page, TITLES)) == ["Rain", "Snow", "Well said."]
    assert {"herald.example", "2 sources", "1 comment", "en"} <= set(words(row, ".//p[@class='facts']/*"))
    assert row.xpath(".//p[@class='facts']/a/@href") == ["/items/a2#comments"]
    assert [chip.get("href") for chip in row.xpath(".//a[@class='chip']")] == ["/?region=SY"]


async def test_an_empty_desk_says_so(api: Api) -> None:
    page = page_of(await api.ask("/", headers=BROWSER))

    assert words(page, "//p[@id='empty'][not(@hidden)]") == ["Nothing is stored yet."]
    assert "No feeds yet" in words(page, "//aside")[0]


async def test_an_empty_desk_says_what_its_roles_wait_for(desk: Database) -> None:
    health = Health("geotag")
    health.lost("gazetteer", "being compiled")
    async with serving(desk, healths=[health]) as api:
        page = page_of(await api.ask("/", headers=BROWSER))

    expected = "Nothing is stored yet: waiting for the gazetteer (being compiled)."
    assert words(page, "//p[@id='empty'][not(@hidden)]") == [expected]


@pytest.mark.parametrize(
    ("name", "value"), [("q", "flood"), ("region", "SY"), ("source", "post.example"), ("language", "ar")]
)
async def test_each_field_narrows_the_list_and_keeps_its_value(name: str, value: str, api: Api, desk: Database) -> None:
    wanted = an_article("a2", title="Flood", source="post.example", language="ar", regions=["SY-HL"])
    await desk.items.put([an_article("a1"), wanted], now=NOW)

    page = page_of(await api.ask("/", headers=BROWSER, given={name: value, "kind": ""}))

    assert words(page, TITLES) == ["Flood"]
    assert [field.get("value") for field in page.xpath(f"//input[@name='{name}']")] == [value]


async def test_a_filter_that_a_link_set_is_told_and_can_be_left(api: Api, desk: Database) -> None:
    await desk.items.put([an_article("a1", story="s1"), an_article("a2")], now=NOW)

    page = page_of(await api.ask("/", headers=BROWSER, given={"q": "rain", "story": "s1", "region": ""}))

    assert words(page, "//p[@class='carried']") == ["Only one story no longer"]
    assert page.xpath("//p[@class='carried']/a/@href") == ["/?q=rain"]
    assert page.xpath("//input[@type='hidden'][@name='story']/@value") == ["s1"]
    assert words(page, "//summary") == ["Filters rain Only one story"]


async def test_kind_is_chosen_from_a_list(api: Api, desk: Database) -> None:
    await desk.items.put([an_article(), a_comment()], now=NOW)

    page = page_of(await api.ask("/", headers=BROWSER, given={"kind": "comment"}))

    assert words(page, TITLES) == ["Well said."]
    assert [option.get("value") for option in page.xpath("//option[@selected]")] == ["comment"]


async def test_older_leads_through_everything_once(api: Api, desk: Database) -> None:
    names = [f"a{number:03}" for number in range(120)]
    await desk.items.put([an_article(name, title=name, source="post.example") for name in names], now=NOW)

    seen, path = [], "/?source=post.example"
    while path:
        page = page_of(await api.ask(path, headers=BROWSER))
        seen += words(page, TITLES)
        path = next(iter(page.xpath("//p[@class='older']/a/@href")), "")

    assert seen == names[::-1]


async def test_rows_are_those_after_the_place_given(api: Api, desk: Database) -> None:
    await desk.items.put([an_article("a1"), an_article("a2"), an_article("a3", source="post.example")], now=NOW)

    rows = (await api.get("/rows", since_id="1", source="herald.example")).body.decode()

    assert re.findall('data-id="([^"]*)"', rows) == ["a2"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/?kind=poem", 400),
        ("/?nonsense=1", 400),
        ("/?since=yesterday", 400),
        ("/?cursor=x", 400),
        ("/rows", 400),
        ("/rows?since_id=x", 400),
        ("/feeds?state=fine", 400),
        ("/items/none", 404),
        ("/items/%00", 404),
        ("/nowhere", 404),
    ],
)
async def test_what_is_wrong_is_a_page_for_browsers_and_a_problem_for_programs(
    path: str, status: int, api: Api
) -> None:
    shown, told = await api.ask(path, headers=BROWSER), await api.ask(path)

    assert (shown.status, told.status) == (status, status)
    assert words(page_of(shown), "//h1")
    assert told.headers["Content-Type"] == "application/problem+json"


async def test_an_item_shows_its_text_its_places_its_sources_and_the_conversation(api: Api, desk: Database) -> None:
    place = Place(field="text", text="Idlib", start=8, end=13, name="Idlib", kind="city", country="SY", confidence=1)
    article = msgspec.structs.replace(an_article(text="Rain on Idlib.\n\nMore <b>."), places=(place,))
    comments = [
        a_comment("c1", author="Ada", text="First."),
        msgspec.structs.replace(a_comment("c2", author="Bo", text="Indeed."), parent_id="c1", position=2),
        msgspec.structs.replace(a_comment("c3", author="Cy", text="Third."), position=1),
    ]
    await desk.items.put([article, *comments], now=NOW)
    await desk.items.add_sightings([a_copy("k1", of="a1")], now=NOW)

    page = page_of(await api.ask("/items/a1", headers=BROWSER))

    assert words(page, "//div[@class='text']/p") == ["Rain on Idlib.", "More <b>."]
    assert words(page, "//mark") == ["Idlib"]
    assert {"Idlib SY · city", "herald.example"} <= set(words(page, "//aside//li"))
    assert page.xpath("//aside//a[@href='https://gazette.example/k1']")
    assert words(page, "//ol[@class='thread']//div") == ["First.", "Indeed.", "Third."]
    assert page.xpath("//li[@id='c-c2'][contains(@class, 'depth-1')]//a[@href='#c-c1']")


async def test_a_comment_has_a_page_that_leads_to_its_article(api: Api, desk: Database) -> None:
    await desk.items.put([a_comment("c1", article_id="a1")], now=NOW)

    page = page_of(await api.ask("/items/c1", headers=BROWSER))

    assert page.xpath("//a[@href='/items/a1']")


async def test_nothing_fetched_becomes_markup(api: Api, desk: Database) -> None:
    hostile = Article(
        **{
            **msgspec.structs.asdict(an_article("a1", title=HOSTILE, text=HOSTILE, authors=[HOSTILE])),
            "url": "javascript:alert(3)",
            "source": HOSTILE,
            "language": '"><script>',
            "regions": (),
            "verdict": Verdict(kind="revision", changed=(HOSTILE,)),
        }
    )
    comment = a_comment("c1", text=HOSTILE, author=HOSTILE)
    feed = FeedSubscription(url='https://post.example/?a="><script>alert(4)</script>', origin="command", added_at=NOW)
    await desk.items.put([hostile, comment], now=NOW)
    await desk.feeds.add(feed)

    for path in ("/", "/feeds", "/items/a1", "/items/c1", "/?q=%22%3E%3Cscript%3E", "/rows?since_id=0"):
        answer = await api.ask(path, headers=BROWSER)
        page: Any = lxml.html.document_fromstring(answer.body.decode())

        assert answer.status == 200
        assert len(page.xpath("//script")) == len(page.xpath("//head/script[starts-with(@src, '/static/')]"))
        assert not page.xpath("//img | //style | //@onerror | //@style | //b[not(ancestor::p)]")
        assert not [href for href in page.xpath("//@href") if href.startswith(("javascript:", "data:"))]


async def test_pages_allow_our_own_files_alone_and_carry_none_of_others(api: Api, desk: Database) -> None:
    await desk.items.put([an_article()], now=NOW)

    answer = await api.ask("/", headers=BROWSER)

    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy.pop("default-src") == policy.pop("base-uri") == policy.pop("frame-ancestors") == "'none'"
    assert set(policy.values()) == {"'self'"}
    loaded = page_of(answer).xpath("//script/@src | //link/@href | //img/@src")
    assert len(loaded) == 3
    for path in loaded:
        asset = await api.ask(path)
        assert asset.status == 200
        assert asset.headers["Cache-Control"] == "public, max-age=31536000, immutable"


async def test_a_file_that_is_none_of_ours_is_not_found(api: Api) -> None:
    assert (await api.ask("/static/console.css")).status == 404
    assert (await api.ask("/static/..%2fauth.py")).status == 404


async def test_feeds_are_listed_the_sick_ones_first(api: Api, desk: Database) -> None:
    for name in ("well", "sick"):
        await desk.feeds.add(FeedSubscription(url=f"https://{name}.example/rss", origin="command", added_at=NOW))
    await polled(desk, "https://sick.example/rss", state="failing", reason="dns: no such name")
    await polled(desk, "https://well.example/rss", state="ok")

    page = page_of(await api.ask("/feeds", headers=BROWSER))
    beside = page_of(await api.ask("/", headers=BROWSER))
    sick = page_of(await api.ask("/feeds?state=failing", headers=BROWSER))

    names = words(page, "//li[@class='card']/p[@class='name']")
    assert names == words(beside, "//aside//p[@class='name']") == ["sick.example/rss", "Herald"]
    assert words(page, "//p[@class='reason']") == ["dns: no such name"]
    assert words(page, "//p[@class='counts']/a") == ["1 failing", "1 ok"]
    assert words(sick, "//p[@class='name']") == ["sick.example/rss"]


async def test_a_feed_that_waits_for_its_first_poll_is_not_told_to_be_well(api: Api, desk: Database) -> None:
    await desk.feeds.add(FeedSubscription(url="https://post.example/rss", origin="command", added_at=NOW))

    page = page_of(await api.ask("/feeds", headers=BROWSER))

    assert words(page, "//li[@class='card']/p[@class='facts']") == ["not polled yet next poll now"]
    assert not page.xpath("//li[@class='card']//*[@class='state ok']")


async def polled(desk: Database, url: str, *, state: str, reason: str = "", now: datetime = NOW) -> None:
    leased = await desk.due.lease(FEED, limit=10, per_host=10, now=now, until=now + timedelta(minutes=1))
    for job in leased:
        if job.key != url:
            await desk.due.done(job, again_at=now)
            continue
        is_well = state == "ok"
        note = PollNote(
            title="Herald" if is_well else None,
            succeeded=is_well,
            reason=reason,
            entries=7,
            state="ok" if is_well else "failing",
        )
        again_at = now + timedelta(hours=1)
        poll = Poll(job=job, url=url, state=b"", status=note, entries=[], seen_at=now, again_at=again_at)
        assert await desk.feeds.polled(poll)


async def test_the_packed_page_is_the_same(api: Api, desk: Database) -> None:
    await desk.items.put([an_article(f"a{number}") for number in range(20)], now=NOW)

    packed = await api.ask("/", headers={**BROWSER, "Accept-Encoding": "gzip"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(words(lxml.html.document_fromstring(gzip.decompress(packed.body).decode()), TITLES)) == 20


async def test_with_a_token_pages_let_nobody_keep_them_and_show_the_way_out(desk: Database) -> None:
    async with serving(desk, gate=Gate(token="c2VjcmV0")) as api:
        answer = await api.ask("/", headers={**BROWSER, "Authorization": "Bearer c2VjcmV0"})

        assert answer.headers["Cache-Control"] == "no-store"
        assert page_of(answer).xpath("//form[@action='/sign-out'][@method='post']")


async def test_a_view_of_the_news_does_not_read_all_feeds(api: Api, desk: Database) -> None:
    for number in range(30):
        await desk.feeds.add(FeedSubscription(url=f"https://{number}.example/rss", origin="command", added_at=NOW))

    with executed() as statements:
        answer = await api.get("/")

    assert b"30 ok" in answer.body
    assert b"18 more" in answer.body
    assert all("LIMIT" in one or "count(" in one for one in statements if "FROM feeds" in one)
