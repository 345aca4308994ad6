"""Events as JSON and back."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contracts.samples import an_article
from wiredesk import events
from wiredesk.errors import Malformed
from wiredesk.events.kinds import VerdictKind

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=200)
instants = st.datetimes(
    min_value=AT.replace(year=1971, tzinfo=None), max_value=AT.replace(year=2100, tzinfo=None), timezones=st.just(UTC)
)
times = st.builds(events.Times, published=st.none() | instants, seen=instants, collected=st.none() | instants)
extraction = st.builds(events.Extraction, method=texts, confidence=st.floats(0, 1))
articles = st.builds(
    events.CollectedArticle,
    id=texts,
    capture=texts,
    entry=texts,
    url=texts,
    fetched_url=texts,
    origin_url=st.none() | texts,
    feed=texts,
    source=texts,
    title=texts,
    text=texts,
    authors=st.lists(texts, max_size=3).map(tuple),
    published_at=st.none() | instants,
    extraction=extraction,
    times=times,
)
comments = st.builds(
    events.CollectedComment,
    id=texts,
    capture=texts,
    article_id=texts,
    url=texts,
    text=texts,
    likes=st.none() | st.integers(0, 99),
    posted_at=st.none() | instants,
    extraction=extraction,
    times=times,
)


def entry(**changed: object) -> events.Entry:
    facts: dict[str, object] = {
        "id": "e1",
        "feed": "https://example.org/rss",
        "guid": "g1",
        "url": "https://news.example.org/a",
        "title": "A",
        "revision": "r1",
        "times": events.Times(seen=AT),
    }
    return msgspec.convert(facts | changed, events.Entry)


@given(articles | comments)
def test_what_is_encoded_is_decoded_to_the_same(event: events.Event) -> None:
    assert events.decode(events.encode(event), type_name=events.type_of(event)) == event


@given(st.binary(max_size=300), st.sampled_from(sorted(events.TYPES)) | st.text(max_size=20))
def test_any_bytes_are_an_event_or_malformed(value: bytes, type_name: str) -> None:
    with contextlib.suppress(Malformed):
        events.decode(value, type_name=type_name)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_any_json_is_an_event_or_malformed(value: object) -> None:
    try:
        encoded = msgspec.json.encode(value)
    except UnicodeEncodeError:
        return
    with contextlib.suppress(Malformed):
        events.decode(encoded, type_name="wiredesk.article")


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        msgspec.json.encode(msgspec.structs.asdict(entry()) | {"title": 7}),
        events.encode(entry()).replace(b'"title":"A"', b'"title":"A\\u0000"'),
        events.encode(entry()).replace(b"2026-11-24T09:00:00Z", b"2026-11-24T09:00:00"),
        events.encode(entry()).replace(b"2026-11-24T09:00:00Z", b"0001-01-01T00:00:00+14:00"),
    ],
)
def test_bytes_that_are_no_entry_are_malformed(value: bytes) -> None:
    with pytest.raises(Malformed):
        events.decode(value, type_name="wiredesk.entry")


def test_a_quoted_backslash_before_u0000_is_harmless() -> None:
    event = entry(title="C:\\u0000")

    assert events.decode(events.encode(event), type_name="wiredesk.entry") == event


def test_nul_is_refused_before_it_travels() -> None:
    with pytest.raises(Malformed, match="NUL"):
        events.encode(entry(title="a\x00b"))


def test_unknown_fields_are_ignored() -> None:
    value = events.encode(entry()).replace(b'{"id"', b'{"of_tomorrow":[1],"id"')

    assert events.decode(value, type_name="wiredesk.entry") == entry()


def test_times_become_utc_whatever_their_offset() -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    event = entry(published_at=datetime(2026, 11, 24, 14, 30, tzinfo=east))

    assert event.published_at == AT
    assert event.published_at is not None
    assert event.published_at.tzinfo is UTC
    assert b'"published_at":"2026-11-24T09:00:00Z"' in events.encode(event)


def test_headers_are_cloudevents_in_binary_mode() -> None:
    headers = dict(events.headers_of(entry(), source="/wiredesk/feeds", now=AT, traceparent="00-1-2-01"))

    assert headers == {
        "ce_specversion": b"1.0",
        "ce_id": events.capture_of(entry()).encode(),
        "ce_source": b"/wiredesk/feeds",
        "ce_type": b"wiredesk.entry",
        "ce_time": b"2026-11-24T09:00:00Z",
        "ce_subject": b"https://news.example.org/a",
        "ce_dataschema": b"urn:wiredesk:schemas:Entry.json",
        "content-type": b"application/json",
        "traceparent": b"00-1-2-01",
    }


def test_entries_are_keyed_by_registrable_domain() -> None:
    assert events.key_of(entry(url="https://news.bbc.co.uk/1")) == b"bbc.co.uk"
    assert events.key_of(entry(url="http://127.9.8.1:81/1")) == b"127.9.8.1"


@pytest.mark.parametrize(("kind", "topic"), [("new", "unique"), ("revision", "unique"), ("duplicate", "duplicates")])
def test_duplicates_go_to_a_topic_of_their_own(kind: VerdictKind, topic: str) -> None:
    judged = events.JudgedComment(
        id="c",
        capture="k",
        article_id="a",
        url="u",
        text="t",
        verdict=events.Verdict(kind=kind),
        extraction=events.Extraction(method="ids", confidence=1),
        times=events.Times(),
    )

    assert events.topic_of(judged) == topic
    assert events.decode(events.encode(judged), type_name=events.type_of(judged)) == judged


@pytest.mark.parametrize("field", ["verdict", "extraction", "regions"])
def test_a_word_that_only_a_newer_version_writes_is_read_as_it_is(field: str) -> None:
    """Else a rolling upgrade would send good records to the dead letters."""
    value = msgspec.json.decode(events.encode(an_article("a1", regions=["SY"])))
    of_today = value[field][0] if field == "regions" else value[field]
    of_today |= {"source": "archive"} if field == "extraction" else {"kind": "retraction"}

    read = events.decode(msgspec.json.encode(value), type_name=events.Article.type_name)

    assert msgspec.json.decode(events.encode(read))[field] == value[field]


def test_the_border_between_two_parts_of_a_digest_counts() -> None:
    assert events.digest("ab", "c") != events.digest("a", "bc")
