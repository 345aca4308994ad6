"""Identifies the entry of each item, notices its revisions, and makes its event."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from urllib.parse import urlsplit

from wiredesk import events, urls
from wiredesk.bus import MAX_VALUE_BYTES
from wiredesk.documents.feed import FeedDocument, FeedEntry
from wiredesk.events.collecting import publishable

FUTURE = timedelta(minutes=10)
"""Later dates are a wrong clock or zone, or a teaser: such an entry is taken as of now."""

_TAG = re.compile(r"<[^<>]*>")


def entries_of(
    document: FeedDocument,
    *,
    feed: str,
    now: datetime,
    taken: Mapping[str, str] = MappingProxyType({}),
    known_as: str = "",
) -> Iterator[tuple[FeedEntry, events.Entry]]:
    """The items that have a URL, in order, with their events; one that repeats another has the event of that one.

    `taken` are items of the same document that were not read again, `link_mark` by id: one that has the id but
    another link is another entry. Ids hang on the feed's URL, or on what it is `known_as`.
    """
    named_by = known_as or feed
    used, by_id = dict(taken), dict[str, events.Entry]()
    for item in document.entries:
        url = item.url or (urls.without_login(item.guid) if item.guid and urls.is_http(item.guid) else None)
        if url is None:
            continue
        name, mark = entry_id(item, feed=named_by), link_mark(url)
        if used.get(name, mark) != mark:  # some feeds use one guid for all they have
            name = events.digest("entry", named_by, name, mark)
        used.setdefault(name, mark)
        if name not in by_id:
            by_id[name] = publishable(_event(item, name, url, feed=feed, now=now), max_bytes=MAX_VALUE_BYTES)
        yield item, by_id[name]


def entry_id(item: FeedEntry, *, feed: str) -> str:
    """The entry's id within `feed`: by guid, else link, else title and day, else text."""
    if item.guid:
        return events.digest("entry", feed, _guid_key(item.guid) if urls.is_http(item.guid) else item.guid)
    if item.url:
        return events.digest("entry", feed, link_key(item.url))
    if item.title:
        dated = item.published_at or item.updated_at
        return events.digest("entry", feed, _folded(item.title), dated.date().isoformat() if dated else "")
    return events.digest("entry", feed, _folded(item.content or item.summary))


def link_key(url: str) -> str:
    """A URL without what changes when a site moves to https or drops its `www.`; case and order are settled.

    The part of a page that it names counts: news of a week on one page are entries of their own.
    """
    return _page_key(url) + _marked(urls.part_of(url))


def _guid_key(guid: str) -> str:
    """As `link_key`, but every fragment counts: in a guid it is there to tell entries apart."""
    return _page_key(guid) + _marked(urlsplit(guid).fragment)


def _page_key(url: str) -> str:
    return urls.canonical(url).partition("://")[2].removeprefix("www.")


def _marked(fragment: str) -> str:
    return f"#{fragment}" if fragment else ""


def link_mark(url: str) -> str:
    """A short digest of `link_key`."""
    return events.digest(link_key(url))[:12]


def revision(item: FeedEntry) -> str:
    """Digest of what a reader would see: title, text and link; mark-up, counters and dates do not count."""
    return events.digest(
        _folded(item.title), _folded(item.content or item.summary), link_key(item.url) if item.url else ""
    )


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", _TAG.sub(" ", text)).split())


def _event(item: FeedEntry, name: str, url: str, *, feed: str, now: datetime) -> events.Entry:
    published = item.published_at
    if published and published > now + FUTURE:
        published = now
    return events.Entry(
        id=name,
        feed=feed,
        guid=item.guid or "",
        url=url,
        title=item.title,
        summary=item.summary,
        content=item.content,
        authors=item.authors,
        published_at=published,
        updated_at=item.updated_at,
        language=item.language,
        tags=item.tags,
        comments_url=item.comments_url,
        comments_feed=item.comments_feed,
        comments_count=item.comments_count,
        revision=revision(item),
        times=events.Times(published=published, seen=now),
    )
