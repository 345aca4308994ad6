"""What of a look is news, and how it is remembered."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from wiredesk.events import CollectedArticle, CollectedComment, Extraction, Times
from wiredesk.roles.pages.look import identity
from wiredesk.roles.pages.look.published import (
    MAX_ITEMS,
    Published,
    SeenAt,
    SeenComment,
    article_news,
    comment_news,
)

HOW = Extraction(method="test", confidence=1.0)


def an_article(text: str) -> CollectedArticle:
    return CollectedArticle(
        id="a",
        capture=identity.article_capture("a", title="", text=text),
        entry="e",
        url="https://x.example/a",
        fetched_url="https://x.example/a",
        feed="f",
        source="x.example",
        title="",
        text=text,
        extraction=HOW,
        times=Times(),
    )


def a_comment(name: str, text: str, *, number: str = "", parent: str | None = None) -> SeenComment:
    event = CollectedComment(
        id=name,
        capture=identity.comment_capture(name, text=text),
        article_id="a",
        url="https://x.example/a",
        author="",
        text=text,
        parent_id=parent,
        extraction=HOW,
        times=Times(),
    )
    return SeenComment(event=event, number=number)


def look(published: Published, place: SeenAt, *comments: SeenComment) -> tuple[Sequence[CollectedComment], Published]:
    """What is news, and what is known after it, as a row keeps it."""
    news = comment_news(comments, published, place=place)
    known = Published.decoded(published.with_items(news.sights).encoded())
    return [event for event in news.events if isinstance(event, CollectedComment)], known


@pytest.mark.parametrize(("first", "second"), [("page", "feed"), ("feed", "page")])
@pytest.mark.parametrize(
    "other",
    [
        pytest.param(a_comment("c1", "Well said – indeed"), id="the same id, worded a little differently"),
        pytest.param(a_comment("x1", "Well said - indeed!", number="12"), id="the same number"),
        pytest.param(a_comment("x1", "well said indeed!"), id="the same words"),
    ],
)
def test_a_comment_that_both_places_show_is_news_once(first: SeenAt, second: SeenAt, other: SeenComment) -> None:
    fresh, known = look(Published(), first, a_comment("c1", "Well said - indeed!", number="12"))
    assert [event.id for event in fresh] == ["c1"]

    for place, shown in (
        (second, other),
        (first, a_comment("c1", "Well said - indeed!", number="12")),
        (second, other),
    ):
        fresh, known = look(known, place, shown)
        assert fresh == []


@pytest.mark.parametrize("place", ["page", "feed"])
def test_an_edit_that_either_place_shows_is_a_revision_once(place: SeenAt) -> None:
    known = Published()
    for where in ("page", "feed"):
        _, known = look(known, where, a_comment("c1", "Before."))

    fresh, known = look(known, place, a_comment("c1", "After."))
    assert [event.text for event in fresh] == ["After."]

    assert look(known, place, a_comment("c1", "After."))[0] == []


def test_a_comment_that_goes_back_to_what_it_said_is_a_revision_of_its_own() -> None:
    known, captures = Published(), []
    for text in ("A", "B", "A", "B"):
        fresh, known = look(known, "page", a_comment("c1", text))
        captures += [event.capture for event in fresh]

    assert len(set(captures)) == 4


def test_equal_short_texts_of_two_readers_stay_two_comments() -> None:
    _, known = look(Published(), "page", a_comment("c1", "First!"))

    fresh, known = look(known, "feed", a_comment("f1", "First!"), a_comment("f2", "First!"))

    assert [event.id for event in fresh] == ["f2"]
    assert look(known, "feed", a_comment("f1", "First!"), a_comment("f2", "First!"))[0] == []


def test_an_answer_names_the_comment_by_the_id_that_it_is_known_by() -> None:
    _, known = look(Published(), "page", a_comment("c1", "Is it true?"))

    fresh, _ = look(known, "feed", a_comment("f1", "Is it true?"), a_comment("f2", "It is.", parent="f1"))

    assert [(event.id, event.parent_id) for event in fresh] == [("f2", "c1")]


def test_what_an_earlier_version_published_is_not_published_again() -> None:
    earlier = (a_comment("c1", "Known.").event.capture, an_article("Known.").capture)
    published = Published(earlier=earlier)

    fresh, known = look(published, "page", a_comment("c1", "Known."), a_comment("c2", "New."))
    assert [event.id for event in fresh] == ["c2"]
    assert article_news(an_article("Known."), published, always=False).events == ()

    assert [event.id for event in look(known, "page", a_comment("c1", "Edited."))[0]] == ["c1"]
    assert len(article_news(an_article("Edited."), published, always=False).events) == 1


def test_the_same_article_is_news_only_where_an_entry_asks_for_it_and_then_under_the_same_capture() -> None:
    first = article_news(an_article("A"), Published(), always=True)
    known = Published().with_items(first.sights)

    assert article_news(an_article("A"), known, always=False).events == ()
    (again,) = article_news(an_article("A"), known, always=True).events
    assert again.capture == first.events[0].capture


def test_a_replay_of_a_revision_has_the_capture_that_it_had() -> None:
    known = Published().with_items(article_news(an_article("A"), Published(), always=False).sights)

    captures = {article_news(an_article("B"), known, always=False).events[0].capture for _ in range(2)}

    assert len(captures) == 1


def test_memory_is_bounded_and_keeps_the_article() -> None:
    known = Published().with_items(article_news(an_article("A"), Published(), always=False).sights)
    many = [a_comment(f"c{number}", f"Text {number}.") for number in range(MAX_ITEMS + 100)]
    _, known = look(known, "page", *many)
    _, known = look(known, "page", a_comment("c0", "Text 0."))

    assert len(known.items) == MAX_ITEMS + 1
    assert "a" in known.items
    assert "c0" in known.items
