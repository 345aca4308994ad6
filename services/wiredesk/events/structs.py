"""The structs, each state of an article or comment inheriting the one before."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, ClassVar, TypeAlias

import msgspec
from msgspec import Meta, Struct

Time: TypeAlias = Annotated[datetime, Meta(tz=True)]
"""An instant; whatever its offset, it is UTC once decoded or constructed."""


def _to_utc(struct: Struct, names: tuple[str, ...]) -> None:
    for name in names:
        value = getattr(struct, name)
        if value is not None and value.tzinfo is not UTC:
            msgspec.structs.force_setattr(struct, name, value.astimezone(UTC))


class Times(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When what happened to this item; each set by the role that did it, so latency is a fact of the message."""

    published: Time | None = None
    seen: Time | None = None
    fetched: Time | None = None
    collected: Time | None = None
    deduplicated: Time | None = None
    geotagged: Time | None = None

    def __post_init__(self) -> None:
        """Normalise to UTC."""
        _to_utc(self, self.__struct_fields__)


class Extraction(Struct, frozen=True, kw_only=True):
    """How text was got: `source` is `page`, or `feed` where the page could not be had; confidence 0 to 1."""

    method: str
    confidence: Annotated[float, Meta(ge=0, le=1)]
    source: str = "page"


class Verdict(Struct, frozen=True, kw_only=True):
    """What dedupe found: `kind` is new, revision or duplicate; `of` the id of the earlier one; `changed` field names."""

    kind: str
    of: str | None = None
    how: str = ""
    score: float | None = None
    changed: tuple[str, ...] = ()
    campaign: str | None = None


class Story(Struct, frozen=True, kw_only=True):
    """The story an article belongs to, as it stood when judged."""

    id: str
    sources: int
    items: int
    first_seen: Time

    def __post_init__(self) -> None:
        """Normalise to UTC."""
        _to_utc(self, ("first_seen",))


class Place(Struct, frozen=True, kw_only=True):
    """A place mentioned: `start` and `end` are code points into `field`; country ISO 3166-1, unit ISO 3166-2."""

    field: str
    text: str
    start: int
    end: int
    name: str
    kind: str
    geoname_id: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    country: str | None = None
    unit: str | None = None
    confidence: float


class Region(Struct, frozen=True, kw_only=True):
    """A region in focus: ISO 3166-1 or -2, M49 or an own area; score 0 to 1."""

    code: str
    name: str
    kind: str
    score: float


class Match(Struct, frozen=True, kw_only=True):
    """Where a rule matched: code points into the item's `field`."""

    field: str
    start: int
    end: int


class Event(Struct, frozen=True, kw_only=True):
    """What every event can say of itself. `type_name` is its `ce_type`, `topic` the topic's name without prefix."""

    type_name: ClassVar[str]
    topic: ClassVar[str]
    time_fields: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        """Normalise to UTC."""
        _to_utc(self, self.time_fields)


class Entry(Event, frozen=True, kw_only=True):
    """An item seen in a feed; `revision` is the digest of its content, `content` HTML as published, controls removed."""

    type_name = "wiredesk.entry"
    topic = "entries"
    time_fields = ("published_at", "updated_at")

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
    """An article joined or founded a story."""

    type_name = "wiredesk.story"
    topic = "stories"

    id: str
    item: str
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
    Entry, CollectedArticle, CollectedComment, JudgedArticle, JudgedComment,
    Article, Comment, StoryChanged, FeedChanged, Alert,
)  # fmt: skip
TYPES: dict[str, type[Event]] = {event.type_name: event for event in ALL} | {
    name: event for event, name in DUPLICATE_TYPES.items()
}
"""Struct by `ce_type`."""
