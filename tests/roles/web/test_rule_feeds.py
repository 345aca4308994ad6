"""What a rule told, as a feed reader reads it."""

from __future__ import annotations

import base64
import io
from datetime import timedelta

import feedparser
import msgspec
import pytest

from tests.contracts.raising import raised
from tests.contracts.samples import NOW, a_comment, an_article
from tests.roles.web.api import Api, serving
from wiredesk.database import Database
from wiredesk.documents.parse import parse
from wiredesk.events import Alert, Article, Comment
from wiredesk.roles.notify.body import frozen
from wiredesk.roles.web.rule_feeds import MOST_ENTRIES
from wiredesk.roles.web.server import Gate

HOUR = timedelta(hours=1)


async def tell(desk: Database, item: Article | Comment, *, rule: str = "dams", hours: int = 0) -> None:
    """Alert on `item`, `hours` from now."""
    name = f"{rule}-{item.id}"
    alert = Alert(
        id=name, rule=rule, query="dam", item=item.id, story=item.id, reason="new", matched=(), times=item.times
    )
    now = NOW + hours * HOUR
    one = raised(name, rule=rule, story=item.id, item=item.id, capture=item.capture, body=frozen(alert, item, now=now))
    await desk.alerts.raise_all([one], captures=[item.capture], now=now)


async def test_a_reader_finds_the_newest_alert_first_with_its_link_text_and_regions(api: Api, desk: Database) -> None:
    await tell(desk, an_article("a1", title="Dam <breaks> & floods", regions=["SY-HL", "SY"]))
    await tell(desk, a_comment("c1", article_id="a1", author="Ana"), hours=1)
    await tell(desk, an_article("b1"), rule="others", hours=2)

    answer = await api.get("/rules/dams.atom")
    read = feedparser.parse(io.BytesIO(answer.body))

    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/atom+xml")
    assert not read.bozo
    assert read.feed.links[0].href == f"{api.url}/rules/dams.atom"
    comment, article = read.entries
    assert comment.author == "Ana"
    assert (article.title, [tag.term for tag in article.tags]) == ("Dam <breaks> & floods", ["SY-HL", "SY"])
    assert article.link == an_article("a1").url
    assert article.id == "urn:wiredesk:alert:dams-a1"


async def test_the_json_feed_says_the_same(api: Api, desk: Database) -> None:
    await tell(desk, an_article("a1", title="Dam breaks", regions=["SY"]))

    answer = await api.get("/rules/dams.json")

    assert answer.headers["Content-Type"] == "application/feed+json"
    assert answer.json["feed_url"] == f"{api.url}/rules/dams.json"
    (item,) = answer.json["items"]
    assert (item["id"], item["title"], item["tags"]) == ("urn:wiredesk:alert:dams-a1", "Dam breaks", ["SY"])


@pytest.mark.parametrize("form", ["atom", "json"])
async def test_our_own_poller_takes_the_feed_to_its_bound(form: str, api: Api, desk: Database) -> None:
    for number in range(MOST_ENTRIES + 1):
        await tell(desk, an_article(f"a{number}"), hours=number)

    answer = await api.get(f"/rules/dams.{form}")
    read = parse(answer.body, url=f"{api.url}/rules/dams.{form}", content_type=answer.headers["Content-Type"])

    assert [entry.guid for entry in read.entries] == [
        f"urn:wiredesk:alert:dams-a{number}" for number in range(MOST_ENTRIES, 0, -1)
    ]


@pytest.mark.parametrize("odd", ["\uffff", "\ufffe", "\x07", "\x1b", "\x7f", "]]>", "\U0001fffe"], ids=repr)
async def test_an_item_stored_with_what_xml_cannot_carry_does_not_stop_the_feed(
    odd: str, api: Api, desk: Database
) -> None:
    """As earlier versions stored them."""
    item = an_article("a1", title=f"Dam {odd}breaks", text=f"Water{odd}.", authors=[f"Ana{odd}"])
    url = f"https://herald.example/a1{odd}"
    await tell(desk, msgspec.structs.replace(item, url=url, section=odd, site=odd))
    await tell(desk, a_comment("c1", article_id="a1", author=f"Ben{odd}", text=odd), hours=1)
    await tell(desk, an_article("b1", title="Neighbour"), hours=2)

    answer = await api.get("/rules/dams.atom")
    read = feedparser.parse(io.BytesIO(answer.body))

    assert answer.status == 200
    assert not read.bozo
    assert [entry.title.replace(odd, "") for entry in read.entries][::2] == ["Neighbour", "Dam breaks"]
    assert [(await api.get(path)).status for path in ("/rules/dams.json", "/api/items", "/")] == [200] * 3


async def test_who_has_it_already_gets_304(api: Api, desk: Database) -> None:
    await tell(desk, an_article("a1"))
    etag = (await api.get("/rules/dams.atom")).headers["ETag"]

    assert (await api.ask("/rules/dams.atom", headers={"If-None-Match": etag})).status == 304


@pytest.mark.parametrize("name", ["nothing.json", "nothing.atom", "No%20rule.atom"])
async def test_a_rule_of_which_no_alert_is_stored_has_no_feed(name: str, api: Api, desk: Database) -> None:
    await tell(desk, an_article("a1"))

    answer = await api.get(f"/rules/{name}")

    assert (answer.status, answer.headers["Content-Type"]) == (404, "application/problem+json")


async def test_links_name_the_public_address_where_there_is_one(desk: Database) -> None:
    await tell(desk, an_article("a1"))
    async with serving(desk, gate=Gate(public_url="https://desk.example/")) as api:
        assert (await api.get("/rules/dams.json")).json["feed_url"] == "https://desk.example/rules/dams.json"


@pytest.mark.parametrize(("password", "status"), [("c2VjcmV0", 200), ("other", 401), ("", 401)])
async def test_a_reader_may_give_the_token_as_the_password(password: str, status: int, desk: Database) -> None:
    await tell(desk, an_article("a1"))
    credentials = base64.b64encode(f"me:{password}".encode()).decode()
    async with serving(desk, gate=Gate(token="c2VjcmV0")) as api:
        assert (await api.get("/rules/dams.atom")).headers["WWW-Authenticate"].startswith("Basic ")
        assert (await api.ask("/rules/dams.atom", headers={"Authorization": f"Basic {credentials}"})).status == status
