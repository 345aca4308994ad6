from __future__ import annotations

from wiredesk.demo.newsroom import Change, Comment, Feed, Page
from wiredesk.demo.timeline import listed, shown

ORIGINAL = Page(
    site="wire",
    path="/quake",
    feeds=("/feed.xml",),
    at=2,
    title="Quake",
    paragraphs=("It shook at 6.1.", "Nobody was hurt."),
    change=(Change(at=5, title="CORRECTED: Quake", paragraphs=("It shook at 6.4.",)),),
    comment=(Comment(id=1, at=3, author="Marta", text="I felt it."), Comment(id=2, at=4, author="Jo", text="Me too.")),
)
COPY = Page(
    site="paper",
    path="/world",
    feeds=("/feed.xml",),
    at=6,
    title="Abroad",
    copies="wire/quake",
    keep=1,
    agency="Wire",
    dateline="Lima",
)
PAGES = {page.address: page for page in (ORIGINAL, COPY)}


def test_a_page_is_not_there_before_its_time() -> None:
    assert shown(ORIGINAL, PAGES, at=1.9) is None


def test_comments_grow_and_a_correction_replaces_title_and_text() -> None:
    before, after = shown(ORIGINAL, PAGES, at=3), shown(ORIGINAL, PAGES, at=5)

    assert before is not None
    assert (before.title, len(before.comments), before.changed_at) == ("Quake", 1, 2)
    assert after is not None
    assert (after.title, after.paragraphs, len(after.comments)) == ("CORRECTED: Quake", ("It shook at 6.4.",), 2)
    assert after.changed_at == 5


def test_a_copy_has_the_words_of_the_first_version_with_those_of_the_agency_around_them() -> None:
    copy = shown(COPY, PAGES, at=6)

    assert copy is not None
    first, last = copy.paragraphs
    assert first == "LIMA (Wire) - It shook at 6.1."
    assert last.startswith("© Wire.")


def test_a_feed_lists_its_own_pages_as_they_come() -> None:
    feed = Feed(site="wire", path="/feed.xml")

    assert [version.page for version in listed(feed, PAGES, at=9)] == [ORIGINAL]
    assert not listed(feed, PAGES, at=1)
