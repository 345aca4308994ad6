"""The structs, each state of an article or comment inheriting the one before."""

from __future__ import annotations

from typing import ClassVar, TypeAlias

from msgspec import Struct

from wiredesk.events.values import Extraction, Match, Place, Region, Story, Time, Times, Verdict, to_utc


class Event(Struct, frozen=True, kw_only=True):
    """What every event can say of itself. `type_name` is its `ce_type`, `topic` the topic's name without prefix."""

    type_name: ClassVar[str]
    topic: ClassVar[str]
    time_fields: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        """Normalise to UTC."""
        to_utc(self, self.time_fields)


class Entry(Event, frozen=True, kw_only=True):
    """An item seen in a feed; `revision` is the digest of its content, `content` HTML as published, controls removed.

    `returned_from` is when the feed showed this same revision last, where it showed another one in between.
    """

    type_name = "wiredesk.entry"
    topic = "entries"
    time_fields = ("published_at", "updated_at", "returned_from")

    id: str
    feed: str
    guid: str
    url: str
    title: str
    summary: str = ""
    content: str = ""
    authors: tuple[str, ...] = ()
    published_at: Time | None = None
    updated_at: Time | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()
    comments_url: str | None = None
    comments_feed: str | None = None
    comments_count: int | None = None
    revision: str
    returned_from: Time | None = None
    times: Times


class CollectedArticle(Event, frozen=True, kw_only=True):
    """Clean text of a page; `text` is plain, paragraphs apart by an empty line; `source` the page's registrable domain."""

    type_name = "wiredesk.article.collected"
    topic = "collected"
    time_fields = ("published_at", "modified_at")

    id: str
    capture: str
    entry: str
    url: str
    fetched_url: str
    origin_url: str | None = None
    feed: str
    source: str
    site: str = ""
    title: str
    text: str
    markdown: str = ""
    authors: tuple[str, ...] = ()
    published_at: Time | None = None
    modified_at: Time | None = None
    language: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    image: str | None = None
    paywalled: bool = False
    words: int = 0
    truncated: bool = False
    extraction: Extraction
    times: Times


class JudgedArticle(CollectedArticle, frozen=True, kw_only=True):
    """A collected article with dedupe's verdict."""

    type_name = "wiredesk.article.unique"
    topic = "unique"

    verdict: Verdict
    story: Story | None = None


class Article(JudgedArticle, frozen=True, kw_only=True):
    """A unique article with the places it mentions and the regions in focus, best first."""

    type_name = "wiredesk.article"
    topic = "articles"

    places: tuple[Place, ...] = ()
    regions: tuple[Region, ...] = ()


class CollectedComment(Event, frozen=True, kw_only=True):
    """A reader's comment; `position` counts from 0 in page order, `depth` 0 is a top-level comment."""

    type_name = "wiredesk.comment.collected"
    topic = "collected"
    time_fields = ("posted_at", "edited_at")

    id: str
    capture: str
    article_id: str
    url: str
    permalink: str | None = None
    author: str = ""
    text: str
    posted_at: Time | None = None
    edited_at: Time | None = None
    parent_id: str | None = None
    position: int = 0
    depth: int = 0
    likes: int | None = None
    deleted: bool = False
    inferred: bool = False  # its borders were guessed from layout, not marked up
    platform: str = ""
    extraction: Extraction
    times: Times


class JudgedComment(CollectedComment, frozen=True, kw_only=True):
    """A collected comment with dedupe's verdict."""

    type_name = "wiredesk.comment.unique"
    topic = "unique"

    verdict: Verdict


class Comment(JudgedComment, frozen=True, kw_only=True):
    """A unique comment with its places and regions; `inherited` where the regions are its article's."""

    type_name = "wiredesk.comment"
    topic = "comments"

    places: tuple[Place, ...] = ()
    regions: tuple[Region, ...] = ()
    inherited: bool = False


class StoryChanged(Event, frozen=True, kw_only=True):
    """An article joined or founded a story, or changed in it; `capture` is that of the article."""

    type_name = "wiredesk.story"
    topic = "stories"

    id: str
    item: str
    capture: str = ""
    source: str
    story: Story
    times: Times


class FeedChanged(Event, frozen=True, kw_only=True):
    """A feed's health changed, or an entry left it: `change` is failing, dormant, back or entry_removed."""

    type_name = "wiredesk.feed"
    topic = "feeds"
    time_fields = ("at",)

    feed: str
    change: str
    reason: str = ""
    entry: str | None = None
    at: Time


class Alert(Event, frozen=True, kw_only=True):
    """A rule matched; unique by rule and story. `item` is the id of the article or comment."""

    type_name = "wiredesk.alert"
    topic = "alerts"

    id: str
    rule: str
    query: str
    item: str
    story: str
    reason: str = ""
    matched: tuple[Match, ...] = ()
    times: Times


Judged: TypeAlias = JudgedArticle | JudgedComment
DUPLICATE_TYPES: dict[type[Event], str] = {
    JudgedArticle: "wiredesk.article.duplicate",
    JudgedComment: "wiredesk.comment.duplicate",
}
ALL: tuple[type[Event], ...] = (
    Entry,
    CollectedArticle,
    CollectedComment,
    JudgedArticle,
    JudgedComment,
    Article,
    Comment,
    StoryChanged,
    FeedChanged,
    Alert,
)
TYPES: dict[str, type[Event]] = {event.type_name: event for event in ALL} | {
    name: event for event, name in DUPLICATE_TYPES.items()
}
"""Struct by `ce_type`."""
