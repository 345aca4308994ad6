"""Whatever publishers write, what collection makes of it can be stored, sent and shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TypeAlias

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from wiredesk import events
from wiredesk.bus import MAX_VALUE_BYTES
from wiredesk.errors import Malformed
from wiredesk.events.collecting import MAX_CHARACTERS, URLS, publishable

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
Collected: TypeAlias = events.Entry | events.CollectedArticle | events.CollectedComment | events.FeedChanged

ENTRY = events.Entry(
    id="e1",
    feed="https://herald.example/rss",
    guid="g",
    url="https://herald.example/1",
    title="Rain",
    summary="<p>Rain.</p>",
    content="<p>Rain fell.</p>",
    authors=("Ana",),
    language="en",
    tags=("weather",),
    comments_url="https://herald.example/1#comments",
    comments_feed="https://herald.example/1/comments",
    comments_count=3,
    revision="r",
    times=events.Times(seen=AT),
)
ARTICLE = events.CollectedArticle(
    id="a1",
    capture="c",
    entry="e1",
    url="https://herald.example/1",
    fetched_url="https://herald.example/1",
    origin_url="https://agency.example/1",
    feed="https://herald.example/rss",
    source="herald.example",
    site="Herald",
    title="Rain",
    text="Rain fell.",
    markdown="Rain fell.",
    authors=("Ana",),
    language="en",
    section="Weather",
    tags=("rain",),
    image="https://herald.example/1.jpg",
    extraction=events.Extraction(method="test", confidence=1),
    times=events.Times(collected=AT),
)
COMMENT = events.CollectedComment(
    id="k1",
    capture="c",
    article_id="a1",
    url="https://herald.example/1",
    permalink="https://herald.example/1#k1",
    author="Ben",
    text="Wet.",
    parent_id="k0",
    likes=2,
    platform="wordpress",
    extraction=events.Extraction(method="test", confidence=1),
    times=events.Times(collected=AT),
)
CHANGE = events.FeedChanged(feed="https://herald.example/rss", change="failing", reason="not a feed", entry="e1", at=AT)
ALL: tuple[Collected, ...] = (ENTRY, ARTICLE, COMMENT, CHANGE)
OURS = {"change"}
"""Fields that hold a word of ours alone."""

ODD = {
    "NUL": "\x00",
    "bell": "\x07",
    "escape": "\x1b[31m",
    "delete": "\x7f",
    "C1 control": "\x9b",
    "high half of a pair": "\ud83d",
    "low half of a pair": "\ude00",
    "no character": "\ufffe\uffff",
    "beyond the first plane": "\U0001f600\U0001fffe\U0010ffff",
    "marks of direction": "\u202e\u2066",
    "line breaks": "\r\n\t\u2028\x85",
    "markup": "]]><&\"'",
}


def texts_of(event: Collected) -> Iterator[str]:
    """Names of the fields that hold texts."""
    for name in event.__struct_fields__:
        value = getattr(event, name)
        if isinstance(value, str) or (isinstance(value, tuple) and value and isinstance(value[0], str)):
            yield name


FIELDS = [(event, name) for event in ALL for name in texts_of(event) if name not in OURS]
NAMES = [f"{type(event).__name__}.{name}" for event, name in FIELDS]


def with_text(event: Collected, name: str, text: str) -> Any:
    value: object = (text, text) if isinstance(getattr(event, name), tuple) else text
    return msgspec.structs.replace(event, **{name: value})


def assert_whole(event: Collected) -> None:
    """It travels, comes back equal, and XML takes each of its texts."""
    value = events.encode(event)
    assert len(value) <= MAX_VALUE_BYTES
    assert events.decode(value, type_name=event.type_name) == event
    for name in texts_of(event):
        text = getattr(event, name)
        for one in text if isinstance(text, tuple) else (text,):
            element = etree.Element("text", href=one)
            element.text = one
            assert etree.fromstring(etree.tostring(element, encoding="utf-8")).tag == "text"
    assert publishable(event, max_bytes=MAX_VALUE_BYTES) == event


def test_the_fields_of_these_tests_are_all_that_hold_texts() -> None:
    """A new field of text has a limit, and is tested here."""
    for event in ALL:
        kinds = msgspec.json.schema(type(event))["$defs"][type(event).__name__]["properties"]
        schemas = {name: [kind, *kind.get("anyOf", [])] for name, kind in kinds.items()}
        texts = {
            name
            for name, forms in schemas.items()
            if any(
                (form.get("type") == "string" and "format" not in form) or form.get("items", {}).get("type") == "string"
                for form in forms
            )
        }
        assert texts - OURS == set(texts_of(event)) - OURS
    assert {name for _, name in FIELDS} <= MAX_CHARACTERS.keys() | URLS


@pytest.mark.parametrize("letter", ["x", "\u4e00", "\U0001f600", '"', "\n", "\x07"])
@pytest.mark.parametrize(("event", "name"), FIELDS, ids=NAMES)
def test_a_field_of_a_million_characters_is_cut_or_left_out_or_refused_with_its_name(
    event: Collected, name: str, letter: str
) -> None:
    given = with_text(event, name, "https://herald.example/" + letter * 1_000_000)
    try:
        made = publishable(given, max_bytes=MAX_VALUE_BYTES)
    except Malformed as error:
        assert name in URLS and f"{type(event).__name__}.{name} of " in str(error)  # noqa: PT017, PT018 - one of the outcomes
    else:
        assert_whole(made)


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
@pytest.mark.parametrize(("event", "name"), FIELDS, ids=NAMES)
def test_no_odd_character_of_a_field_stops_an_event(event: Collected, name: str, odd: str) -> None:
    made = publishable(with_text(event, name, f"be{odd}fore{odd}"), max_bytes=MAX_VALUE_BYTES)

    assert_whole(made)
    assert "fore" in str(getattr(made, name))


def test_an_event_that_nothing_can_make_small_is_malformed_and_never_cut_for_ever() -> None:
    with pytest.raises(Malformed, match=r"CollectedArticle of \d+ bytes without its texts: expected at most 976"):
        publishable(msgspec.structs.replace(ARTICLE, tags=("t" * 200,) * 50), max_bytes=2_000)


def test_a_long_article_loses_its_markdown_first_and_then_its_end_and_says_so() -> None:
    long = msgspec.structs.replace(ARTICLE, text="\u4e00" * 60_000, markdown="\u4e00" * 60_000)

    without_markdown = publishable(long, max_bytes=200_000)
    cut = publishable(long, max_bytes=100_000)

    assert (without_markdown.text, without_markdown.markdown, without_markdown.truncated) == (long.text, "", False)
    assert (len(cut.text), cut.truncated) == (30_000, True)


def test_a_long_entry_loses_the_ends_of_content_and_summary() -> None:
    long = msgspec.structs.replace(ENTRY, content="\u4e00" * 250_000, summary="\u4e00" * 50_000)

    cut = publishable(long, max_bytes=MAX_VALUE_BYTES)
    whole = publishable(msgspec.structs.replace(long, summary=""), max_bytes=MAX_VALUE_BYTES)

    assert (len(cut.content), len(cut.summary), len(whole.content)) == (125_000, 25_000, 250_000)


def test_numbers_that_no_database_takes_are_left_out() -> None:
    likes = msgspec.structs.replace(COMMENT, likes=10**40)
    count = msgspec.structs.replace(ENTRY, comments_count=-(10**12))

    assert publishable(likes, max_bytes=MAX_VALUE_BYTES).likes is None
    assert publishable(count, max_bytes=MAX_VALUE_BYTES).comments_count is None


def test_what_needs_nothing_is_returned_as_it_is() -> None:
    assert all(publishable(event, max_bytes=MAX_VALUE_BYTES) is event for event in ALL)


anything = st.text(st.characters(codec=None), max_size=60)


@given(event=st.sampled_from(ALL), data=st.data())
def test_whatever_is_in_all_fields_at_once_the_event_can_be_stored_sent_and_shown(
    event: Collected, data: st.DataObject
) -> None:
    for name in texts_of(event):
        if name not in OURS:
            event = with_text(event, name, data.draw(anything, label=name))

    assert_whole(publishable(event, max_bytes=MAX_VALUE_BYTES))
