"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping

from wiredesk.documents import texts
from wiredesk.documents.feed import FeedDocument, FeedEntry
from wiredesk.errors import Malformed
from wiredesk.events.collecting import MAX_ITEMS
from wiredesk.text.parsers import parsing

VERSIONS = {
    "https://jsonfeed.org/version/1": "json10",
    "https://jsonfeed.org/version/1.1": "json11",
    "1.0": "json10",
    "1": "json10",
    "1.1": "json11",  # seen in the wild
}


Raw = Mapping[str, object]


def read_json(body: bytes, *, url: str, max_entries: int) -> FeedDocument:
    """The document in `body`, UTF-8. Fields of a wrong type count as missing. Raises `Malformed` where it is none."""
    with parsing("no feed: looks like JSON, but"):
        # Not strict: raw line breaks inside texts are common.
        parsed: object = json.loads(body.decode("utf-8", "replace"), strict=False)
    feed = _dict(parsed)
    version = texts.clean(feed.get("version"), limit=60).replace("http://", "https://").rstrip("/")
    if version not in VERSIONS:
        raise Malformed(f"no feed: JSON with version {version!r}, expected https://jsonfeed.org/version/1.1")
    home = texts.link(url, feed.get("home_page_url"))
    base, spoken = home or url, texts.language(feed.get("language"))
    items = [item for item in _dicts(feed.get("items")) if item]
    hubs = [texts.link(url, hub.get("url")) for hub in _dicts(feed.get("hubs"))]
    return FeedDocument(
        format=VERSIONS[version],
        title=texts.plain(feed.get("title")),
        home=home,
        language=spoken,
        hub=next((hub for hub in hubs if hub), None),
        self_url=texts.link(url, feed.get("feed_url")),
        next_url=texts.link(url, feed.get("next_url")),
        entries=tuple(_entry(item, base=base, spoken=spoken) for item in items[:max_entries]),
        left_out=max(0, len(items) - max_entries),
    )


def _entry(item: Raw, *, base: str, spoken: str | None) -> FeedEntry:
    plain_content = html.escape(texts.clean(item.get("content_text"), limit=texts.MAX_CONTENT_CHARACTERS), quote=False)
    return FeedEntry(
        guid=_guid(item.get("id")),
        url=texts.link(base, item.get("url")) or texts.link(base, item.get("external_url")),
        title=texts.plain(item.get("title")),
        summary=html.escape(texts.clean(item.get("summary"), limit=texts.MAX_SUMMARY_CHARACTERS), quote=False),
        content=texts.clean(item.get("content_html"), limit=texts.MAX_CONTENT_CHARACTERS) or plain_content,
        authors=_authors(item),
        published_at=texts.instant(item.get("date_published")),
        updated_at=texts.instant(item.get("date_modified")),
        language=texts.language(item.get("language")) or spoken,
        tags=_tags(item.get("tags")),
    )


def _guid(value: object) -> str | None:
    # Many writers give numbers, which the specification asks readers to take.
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return texts.clean(value, limit=texts.MAX_GUID_CHARACTERS) or None


def _authors(item: Raw) -> tuple[str, ...]:
    people = [*_dicts(item.get("authors")), _dict(item.get("author"))]
    names = (texts.plain(person.get("name"), limit=texts.MAX_NAME_CHARACTERS) for person in people)
    return tuple(dict.fromkeys(name for name in names if name))[: MAX_ITEMS["authors"]]


def _tags(value: object) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else []
    terms = (texts.plain(term, limit=texts.MAX_NAME_CHARACTERS) for term in listed)
    return tuple(dict.fromkeys(term for term in terms if term))[: MAX_ITEMS["tags"]]


def _dict(value: object) -> Raw:
    return value if isinstance(value, dict) else {}


def _dicts(value: object) -> list[Raw]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
