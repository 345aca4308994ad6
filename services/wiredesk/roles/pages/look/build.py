"""From what was found on a page to the events that leave the role, cleaned and capped by `events.collecting`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from wiredesk import events, urls
from wiredesk.bus import MAX_VALUE_BYTES
from wiredesk.events.collecting import publishable
from wiredesk.events.kinds import TextSource
from wiredesk.roles.pages.extract import article
from wiredesk.roles.pages.extract.comments import FoundComment
from wiredesk.roles.pages.extract.metadata import Metadata
from wiredesk.roles.pages.extract.page import ExtractedPage
from wiredesk.roles.pages.look import identity
from wiredesk.roles.pages.look.published import SeenComment

COMMENT_CONFIDENCE = {"ids": 0.9, "microdata": 0.95, "json-ld": 0.95, "feed": 0.95, "groups": 0.8}

_NO_CAPTURE = "0" * 32
"""Of the length of one, until texts are as they will be published: a capture is their digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSighting:
    """One look at a page: what was asked for, where the article stands, and when it was had."""

    entry: events.Entry
    addresses: identity.Addresses
    article_id: str
    fetched_at: datetime | None  # None where it could not be had
    now: datetime

    @property
    def times(self) -> events.Times:
        """The entry's times with those of this look."""
        seen = self.entry.times
        return events.Times(published=seen.published, seen=seen.seen, fetched=self.fetched_at, collected=self.now)


def from_page(page: ExtractedPage, sighting: PageSighting) -> events.CollectedArticle | None:
    """The article of a page; None where the page holds none."""
    if page.body is None:
        return None
    return _collected(page.metadata, page.body, sighting, source="page")


def from_feed(body: article.Body, sighting: PageSighting) -> events.CollectedArticle:
    """The article as far as the feed itself carries it."""
    return _collected(Metadata(), body, sighting, source="feed")


def _collected(
    metadata: Metadata, body: article.Body, sighting: PageSighting, *, source: TextSource
) -> events.CollectedArticle:
    entry = sighting.entry
    event = events.CollectedArticle(
        id=sighting.article_id,
        capture=_NO_CAPTURE,
        entry=entry.id,
        url=sighting.addresses.url,
        fetched_url=sighting.addresses.page_url,
        origin_url=sighting.addresses.origin,
        feed=urls.without_login(entry.feed),  # of an earlier version it may hold a login
        source=urls.site_of(sighting.addresses.page_url),
        site=metadata.site,
        title=metadata.title or entry.title,
        text=body.text,
        markdown=body.markdown,
        authors=metadata.authors or entry.authors,
        published_at=metadata.published_at or entry.published_at,
        modified_at=metadata.modified_at or entry.updated_at,
        language=metadata.language or entry.language,
        section=metadata.section,
        tags=metadata.tags or entry.tags,
        image=metadata.image,
        paywalled=metadata.paywalled,
        words=len(body.text.split()),
        truncated=body.truncated,
        extraction=events.Extraction(method=body.method, confidence=body.confidence, source=source),
        times=sighting.times,
    )
    event = publishable(event, max_bytes=MAX_VALUE_BYTES)
    capture = identity.article_capture(event.id, title=event.title, text=event.text)
    return msgspec.structs.replace(event, capture=capture)


def comment_events(comments: Sequence[FoundComment], *, method: str, sighting: PageSighting) -> list[SeenComment]:
    """The comments as events, in the order in which they stand, each once."""
    ids = [_comment_id(comment, sighting) for comment in comments]
    seen: dict[str, SeenComment] = {}
    for position, (comment, name) in enumerate(zip(comments, ids, strict=True)):
        if name in seen:
            continue
        parent = ids[comment.parent] if comment.parent is not None else None
        event = _comment(comment, name, method=method, sighting=sighting)
        event = msgspec.structs.replace(
            event, parent_id=parent if parent != name else None, position=position, depth=_depth(comments, position)
        )
        seen[name] = SeenComment(event=event, number=comment.native_id)
    return list(seen.values())


def _comment_id(comment: FoundComment, sighting: PageSighting) -> str:
    return identity.comment_id(
        site=urls.site_of(sighting.addresses.page_url),
        platform=comment.platform,
        native=comment.native_id,
        article=sighting.article_id,
        author=comment.author,
        text=comment.text,
    )


def _comment(comment: FoundComment, name: str, *, method: str, sighting: PageSighting) -> events.CollectedComment:
    at = sighting.fetched_at
    event = events.CollectedComment(
        id=name,
        capture=_NO_CAPTURE,
        article_id=sighting.article_id,
        url=sighting.addresses.page_url,
        author=comment.author,
        text=comment.text,
        posted_at=comment.posted_at,
        likes=comment.likes,
        platform=comment.platform,
        extraction=events.Extraction(method=method, confidence=COMMENT_CONFIDENCE.get(method, 0.7)),
        times=events.Times(published=comment.posted_at, seen=at, fetched=at, collected=sighting.now),
    )
    event = publishable(event, max_bytes=MAX_VALUE_BYTES)
    return msgspec.structs.replace(event, capture=identity.comment_capture(name, text=event.text))


def _depth(comments: Sequence[FoundComment], position: int) -> int:
    depth, at = 0, comments[position].parent
    while at is not None and depth < 100:
        depth, at = depth + 1, comments[at].parent
    return depth
