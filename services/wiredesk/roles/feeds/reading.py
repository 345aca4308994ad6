"""A feed's body as entry events: what runs in a worker process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from wiredesk import events
from wiredesk.documents.parse import MAX_ENTRIES, parse
from wiredesk.errors import Malformed
from wiredesk.roles.feeds.entries import entries_of, link_mark

Pair = tuple[str, str]
"""Entry id and revision."""

Known = tuple[str, str, str]
"""Entry id, revision and the mark of its link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a body came from."""

    feed: str
    known_as: str = ""  # what its entries are named by, where that is not `feed`
    url: str  # after redirects: what links are relative to
    content_type: str
    content_location: str
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedReading:
    """What a body holds: `entries` were read; `known` ones are still there but were not read again."""

    format: str
    title: str
    hub: str | None
    wish: timedelta | None
    entries: tuple[events.Entry, ...]
    known: tuple[Pair, ...]
    listed: dict[bytes, Known]  # by digest of the raw item, for the next reading
    without_url: int
    left_out: int

    @property
    def pairs(self) -> list[Pair]:
        """All that the document lists."""
        return [*self.known, *((entry.id, entry.revision) for entry in self.entries)]


def read(body: bytes, source: Source, listed: Mapping[bytes, Known]) -> FeedReading:
    """The entries in `body`; raw items that are in `listed` are not read again. Raises `Malformed`."""
    document = parse(
        body,
        url=source.url,
        content_type=source.content_type,
        content_location=source.content_location,
        known=listed.keys(),
        max_entries=MAX_ENTRIES,
    )
    if document.sitemaps:
        named = ", ".join(sitemap.url for sitemap in document.sitemaps[:3])
        raise Malformed(f"no feed but an index of {len(document.sitemaps)} sitemaps: subscribe to one, such as {named}")
    still = {raw: listed[raw] for raw in document.slices if raw in listed}
    taken = {name: mark for name, _, mark in still.values()}
    pairs = list(entries_of(document, feed=source.feed, known_as=source.known_as, now=source.seen_at, taken=taken))
    new = {item.raw: (entry.id, entry.revision, link_mark(entry.url)) for item, entry in pairs if item.raw}
    entries = {entry.id: entry for _, entry in pairs}
    wishes = [wish for wish in (document.hints.ttl, document.hints.update_period) if wish]
    return FeedReading(
        format=document.format,
        title=document.title,
        hub=document.hub,
        wish=max(wishes, default=None),
        entries=tuple(entries.values()),
        known=tuple({name: (name, revision) for name, revision, _ in still.values() if name not in entries}.values()),
        listed=still | new,
        without_url=len(document.entries) - len(pairs),
        left_out=document.left_out,
    )
