"""Which rules an item answers to, and what the alert says."""

import json
from datetime import timedelta

import msgspec
import pytest

from tests.contracts.samples import NOW, a_comment, an_article, regions_of
from tests.roles.notify.samples import endpoint, rule
from wiredesk.events import Article, Comment, Place, Times
from wiredesk.roles.notify.body import alert_in
from wiredesk.roles.notify.matching import Item, found_in, is_too_old, raised, story_of
from wiredesk.roles.notify.rules import Rules, from_toml

HOUR = timedelta(hours=1)


def rules(*queries: str) -> Rules:
    tables = [rule(f"r{number}", query) for number, query in enumerate(queries)]
    return from_toml((endpoint() + "".join(tables)).encode(), name="rules.toml")


def answers(item: Item, query: str, stories: dict[str, str] | None = None) -> bool:
    return bool(found_in([item], rules(query), stories=stories or {}))


def article(**facts: object) -> Article:
    item = an_article(
        text="Rain fell on Manbij.", title="Flood", regions=["SY-HL"], authors=["Ada Lovelace"], story="s1"
    )
    return msgspec.structs.replace(item, **facts)


@pytest.mark.parametrize(
    "query",
    [
        "rain",
        "flood",
        "title:flood",
        "author:lovelace",
        "tag:weather",
        "region:SY",
        "region:sy-hl",
        "lang:en",
        "lang:en-GB",
        "source:herald.example",
        "kind:article",
        "story:s1",
        "feed:https://herald.example/rss",
        "feed:HTTPS://Herald.example:443/rss",
        "region:SY-HL AND manbij",
        "NOT kind:comment AND rain",
    ],
)
def test_an_article_answers_to(query: str) -> None:
    assert answers(article(tags=("Weather",), language="en-GB"), query)


@pytest.mark.parametrize("source", ["xn--bcher-kva.example", "bücher.example"])
def test_a_source_answers_in_letters_and_in_ascii(source: str) -> None:
    assert answers(article(source=source), "source:Bücher.example")
    assert answers(article(source=source), "source:xn--bcher-kva.example")


@pytest.mark.parametrize("query", ["title:rain", "kind:comment", "region:SY-RA", "story:S1", "lang:fr", "snow"])
def test_an_article_does_not_answer_to(query: str) -> None:
    assert not answers(article(), query)


@pytest.mark.parametrize(
    "query", ["said", "author:ada", "kind:comment", "source:herald.example", "region:SY", "story:s9"]
)
def test_a_comment_answers_to(query: str) -> None:
    assert answers(a_comment(regions=["SY-HL"]), query, {"a1": "s9"})


def test_a_deleted_comment_answers_to_nothing() -> None:
    assert not answers(msgspec.structs.replace(a_comment(), deleted=True), "said")


def test_articles_come_before_comments() -> None:
    found = found_in([a_comment(), article()], rules("kind:comment OR rain"), stories={})

    assert [one.item.id for one in found] == ["a1", "c1"]


def test_a_comment_is_of_its_articles_story_or_of_the_one_that_it_would_found() -> None:
    assert story_of(article(), {}) == "s1"
    assert story_of(a_comment(), {"a1": "s1"}) == "s1"
    assert story_of(a_comment(), {}) == "a1"
    assert story_of(article(story=None), {}) == "a1"


def dated(item: Item, *, published: timedelta | None, seen: timedelta) -> Item:
    times = Times(published=None if published is None else NOW - published, seen=NOW - seen, collected=NOW)
    return msgspec.structs.replace(item, times=times)


@pytest.mark.parametrize(
    ("published", "seen", "most", "expected"),
    [
        pytest.param(25 * HOUR, 0 * HOUR, 24 * HOUR, True, id="an old entry of a new feed"),
        pytest.param(23 * HOUR, 0 * HOUR, 24 * HOUR, False, id="a young one"),
        pytest.param(80 * HOUR, 79 * HOUR, 24 * HOUR, False, id="one that waited while we were down"),
        pytest.param(None, 0 * HOUR, 24 * HOUR, False, id="one without a date"),
        pytest.param(999 * HOUR, 0 * HOUR, 0 * HOUR, False, id="an old one with the limit off"),
    ],
)
@pytest.mark.parametrize("item", [an_article(), a_comment()], ids=["article", "comment"])
def test_what_is_too_old(
    item: Item, published: timedelta | None, seen: timedelta, most: timedelta, expected: bool
) -> None:
    assert is_too_old(dated(item, published=published, seen=seen), most=most) is expected


def body_of(item: Article | Comment, query: str = "rain") -> dict[str, object]:
    known = rules(query)
    (found,) = found_in([item], known, stories={})
    body: dict[str, object] = json.loads(raised(found, known, stories={}, now=NOW).body)
    return body


def test_the_body_is_the_alert_with_the_item() -> None:
    body = body_of(article())

    data = body["data"]
    assert isinstance(data, dict)
    assert (body["type"], body["timestamp"]) == ("wiredesk.alert", "2026-11-24T12:00:00Z")
    assert (data["rule"], data["query"], data["item"], data["story"]) == ("r0", "rain", "a1", "s1")
    assert data["matched"] == [{"field": "text", "start": 0, "end": 4}]
    assert (data["article"]["title"], data["article"]["regions"][0]["code"]) == ("Flood", "SY-HL")
    assert "comment" not in data


def test_a_comments_body_holds_the_comment() -> None:
    data = body_of(a_comment(), "said")["data"]

    assert isinstance(data, dict)
    assert (data["comment"]["author"], data["reason"], data["story"]) == ("Ada", "comment", "a1")


def test_a_body_stays_small_whatever_the_item() -> None:
    places = tuple(
        Place(field="text", text="Manbij", start=at, end=at + 6, name="Manbij", kind="city", confidence=1.0)
        for at in range(0, 50_000, 7)
    )
    item = article(text="Manbij " * 10_000 + "é" * 10, markdown="x" * 100_000, places=places)

    data = body_of(item, "manbij")["data"]

    assert isinstance(data, dict)
    text = data["article"]["text"]
    assert len(text.encode()) <= 4_096
    assert item.text.startswith(text)
    assert data["article"]["truncated"] is True
    assert all(place["end"] <= len(text) for place in data["article"]["places"])
    assert len(json.dumps(data)) < 20_000


def test_a_text_is_cut_between_characters() -> None:
    data = body_of(article(text="rain " + "é" * 9_000))["data"]

    assert isinstance(data, dict)
    assert set(data["article"]["text"][5:]) == {"é"}


def test_the_event_is_the_one_in_the_body() -> None:
    known = rules("rain")
    item = article(regions=regions_of(["SY"]))
    (found,) = found_in([item], known, stories={})

    one = raised(found, known, stories={}, now=NOW)

    alert = alert_in(one.body)
    assert (alert.id, alert.rule, alert.story, alert.times) == (one.id, "r0", "s1", item.times)


def test_an_alert_is_named_by_rule_and_story_alone() -> None:
    known = rules("rain")
    first, second = (
        raised(found_in([item], known, stories={})[0], known, stories={}, now=NOW)
        for item in (article(), article(id="a2", text="Heavy rain."))
    )

    assert first.id == second.id
    assert first.instead != second.instead
