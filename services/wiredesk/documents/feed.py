"""A feed document of any format: texts without controls, absolute http(s) links, times in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One item. `content` and `summary` are HTML as published, never cleaned; `title` is plain text."""

    guid: str | None = None
    url: str | None = None
    title: str = ""
    summary: str = ""
    content: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    updated_at: datetime | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()
    comments_url: str | None = None
    comments_feed: str | None = None
    comments_count: int | None = None
    parent_guid: str | None = None  # thr:in-reply-to: the entry this one answers
    raw: bytes | None = None  # digest of the raw item, where the document could be sliced


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """How often the publisher thinks that the document changes: RSS `ttl`, and `sy:updatePeriod` by frequency."""

    ttl: timedelta | None = None
    update_period: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDocument:
    """A whole document. `format` is rss20, atom10, json11, sitemap-news and so on.

    `left_out` counts items beyond the cap; `skipped` those left out because the caller knows them already.
    `slices` are digests of the raw items, in order, for the next reading; empty where the document cannot be sliced.
    """

    format: str
    title: str = ""
    home: str | None = None
    language: str | None = None
    hints: Hints = Hints()
    hub: str | None = None
    self_url: str | None = None
    next_url: str | None = None
    entries: tuple[FeedEntry, ...] = ()
    sitemaps: tuple[Sitemap, ...] = ()
    left_out: int = 0
    skipped: int = 0
    slices: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """A further sitemap that a sitemap index names."""

    url: str
    modified_at: datetime | None = None
