"""A feed's body as entry events."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.web import item, rss
from wiredesk.errors import Malformed
from wiredesk.roles.feeds.reading import FeedReading, Source, read

FEED = "https://paper.example/feed"
SOURCE = Source(feed=FEED, url=FEED, content_type="", content_location="", seen_at=datetime(2026, 1, 6, 12, tzinfo=UTC))


def reading(*items: str, before: FeedReading | None = None) -> FeedReading:
    return read(rss(*items, extra="<ttl>15</ttl>").encode(), SOURCE, before.listed if before else {})


def test_known_items_are_listed_but_not_read_again() -> None:
    first = reading(item("a"), item("b"))

    second = reading(item("c"), item("a"), item("b", text="edited"), before=first)

    assert [entry.title for entry in second.entries] == ["c", "b"]
    assert second.pairs[0] == first.pairs[0]
    assert len(second.pairs) == len(second.listed) == 3


def test_what_left_the_document_is_not_listed_any_more() -> None:
    assert len(reading(item("b"), before=reading(item("a"), item("b"))).listed) == 1


def test_reading_in_pieces_gives_the_same_entries_as_reading_whole() -> None:
    # Two items of one guid: which of them has the guid's id must not depend on what was read before.
    one, two, three = item("a"), item("b", guid="guid-a"), item("c")
    whole = reading(one, two, three)

    in_pieces = reading(one, two, three, before=reading(one, two))

    assert set(in_pieces.pairs) == set(whole.pairs)


def test_an_item_given_twice_is_one_entry_and_stays_one() -> None:
    twice = [item("a"), item("a", extra="<category>x</category>")]

    first = reading(*twice)
    second = reading(*twice, item("b"), before=first)

    assert len(first.pairs) == 1
    assert [entry.title for entry in second.entries] == ["b"]
    assert len(second.pairs) == 2


def test_the_documents_wish_is_told() -> None:
    assert reading().wish == timedelta(minutes=15)


def test_an_index_of_sitemaps_says_what_to_subscribe_to() -> None:
    index = b"<sitemapindex><sitemap><loc>https://paper.example/news.xml</loc></sitemap></sitemapindex>"

    with pytest.raises(Malformed, match=r"subscribe to one, such as https://paper\.example/news\.xml"):
        read(index, SOURCE, {})
