"""Which entry an item is."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from wiredesk import events
from wiredesk.bus import MAX_VALUE_BYTES
from wiredesk.documents.feed import FeedDocument, FeedEntry
from wiredesk.roles.feeds.entries import entries_of, entry_id, link_mark, revision

FEED = "https://paper.example/feed"
NOW = datetime(2026, 1, 6, 12, tzinfo=UTC)
ITEM = FeedEntry(guid="g1", url="https://paper.example/1", title="Title", summary="<p>Some text</p>", published_at=NOW)


def made(*items: FeedEntry, taken: Mapping[str, str] | None = None) -> list[events.Entry]:
    document = FeedDocument(format="rss20", entries=items)
    return [entry for _, entry in entries_of(document, feed=FEED, now=NOW, taken=taken or {})]


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "Other"},
        {"url": "https://paper.example/moved"},
        {"published_at": NOW + timedelta(days=1)},
        {"summary": "rewritten"},
    ],
)
def test_the_guid_decides_whatever_else_changes(changed: dict[str, str]) -> None:
    assert entry_id(replace(ITEM, **changed), feed=FEED) == entry_id(ITEM, feed=FEED)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        # A site that moves to https, drops www. or adds campaign parameters has the same entries.
        (FeedEntry(guid="http://www.paper.example/1"), FeedEntry(guid="https://paper.example/1?utm_source=rss")),
        (FeedEntry(url="http://paper.example/1"), FeedEntry(url="https://paper.example/1/")),
        (FeedEntry(title="A  b", published_at=NOW), FeedEntry(title="A b", published_at=NOW + timedelta(hours=1))),
        (FeedEntry(content="<p>x</p>"), FeedEntry(content="x")),
    ],
)
def test_equal_entries_have_equal_ids(one: FeedEntry, two: FeedEntry) -> None:
    assert entry_id(one, feed=FEED) == entry_id(two, feed=FEED)


def test_two_feeds_have_entries_of_their_own() -> None:
    assert entry_id(ITEM, feed=FEED) != entry_id(ITEM, feed="https://other.example/feed")


@pytest.mark.parametrize(
    ("changed", "is_revision"),
    [
        ({"title": "Other"}, True),
        ({"summary": "<p>Some other text</p>"}, True),
        ({"url": "https://paper.example/moved"}, True),
        ({"summary": '<p class="x">Some text<img src="counter?7"></p>'}, False),
        ({"comments_count": 9}, False),
        ({"updated_at": NOW, "published_at": None}, False),
        ({"url": "http://www.paper.example/1?utm_source=rss"}, False),
    ],
)
def test_a_revision_is_what_a_reader_would_see(changed: dict[str, str], is_revision: bool) -> None:
    assert (revision(replace(ITEM, **changed)) != revision(ITEM)) is is_revision  # type: ignore[arg-type]


def test_one_guid_for_all_falls_back_to_the_link() -> None:
    other = replace(ITEM, url="https://paper.example/2")

    first, second, again = made(ITEM, other, ITEM)

    assert first.id != second.id
    assert again == first
    taken = {first.id: link_mark(first.url)}
    assert made(other, taken=taken)[0].id == second.id
    assert made(ITEM, taken=taken)[0].id == first.id


def test_items_without_a_url_are_left_out_unless_their_guid_is_one() -> None:
    entries = made(FeedEntry(guid="g", title="t"), FeedEntry(guid="https://paper.example/3", title="t"))

    assert [entry.url for entry in entries] == ["https://paper.example/3"]


def test_a_date_in_the_future_is_now() -> None:
    entry = made(replace(ITEM, published_at=NOW + timedelta(days=2)))[0]

    assert (entry.published_at, entry.times.published, entry.times.seen) == (NOW, NOW, NOW)


def test_a_huge_entry_fits_the_log() -> None:
    entry = made(replace(ITEM, content="\U0001f600" * 250_000))[0]

    assert len(events.encode(entry)) <= MAX_VALUE_BYTES


def test_entries_that_are_parts_of_one_page_are_entries_of_their_own() -> None:
    parts = [
        FeedEntry(guid=f"https://paper.example/week#day-{day}", url=f"https://paper.example/week#day-{day}", title="x")
        for day in range(3)
    ]
    assert len({entry.id for entry in made(*parts)}) == 3
    assert len({entry.id for entry in made(*(replace(part, guid=None) for part in parts))}) == 3
