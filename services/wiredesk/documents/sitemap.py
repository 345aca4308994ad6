"""Sitemaps (sitemaps.org), news sitemaps and sitemap indexes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime

from lxml import etree

from wiredesk.documents import texts
from wiredesk.documents.feed import FeedDocument, FeedEntry, Sitemap
from wiredesk.documents.unpack import root_of
from wiredesk.events.collecting import MAX_ITEMS
from wiredesk.text.parsers import parsing

_LONG_AGO = datetime(1980, 1, 1, tzinfo=UTC)
_NEWS = frozenset(["title", "publication_date", "language", "keywords", "name"])

Fields = dict[str, str]


def read_sitemap(body: bytes, *, url: str, max_entries: int) -> FeedDocument:
    """The document in `body`; beyond `max_entries` the newest are kept, as sitemaps have no order.

    Raises `Malformed` where it cannot be read.
    """
    with parsing("no sitemap"):
        rows = list(_rows(body))
    if root_of(body).rpartition(":")[2].lower() == "sitemapindex":
        sitemaps = [Sitemap(url=link, modified_at=_modified(row)) for row in rows if (link := _link(row, url))]
        kept = sorted(sitemaps, key=lambda item: item.modified_at or _LONG_AGO, reverse=True)[:max_entries]
        return FeedDocument(
            format="sitemapindex",
            sitemaps=tuple(item for item in sitemaps if item in kept),
            left_out=len(sitemaps) - len(kept),
        )
    is_news = any("news" in row for row in rows)
    entries = [_entry(row, link) for row in rows if (link := _link(row, url))]
    left_out = max(0, len(entries) - max_entries)
    if left_out:
        entries.sort(key=lambda entry: entry.published_at or entry.updated_at or _LONG_AGO, reverse=True)
    return FeedDocument(
        format="sitemap-news" if is_news else "sitemap", entries=tuple(entries[:max_entries]), left_out=left_out
    )


def _rows(body: bytes) -> Iterator[Fields]:
    """The children of each `url` or `sitemap` element, by local name; news elements have `news:` before theirs."""
    row: Fields = {}
    events = etree.iterparse(
        io.BytesIO(body), events=("end",), recover=True, resolve_entities=False, no_network=True, load_dtd=False
    )
    for _, element in events:
        name = _local(element.tag)
        if name in ("url", "sitemap"):
            if row:
                yield row
            row = {}
            element.clear()
            while element.getprevious() is not None:  # what has been read must not pile up
                del element.getparent()[0]
        elif name == "news":
            row["news"] = "yes"
        elif name in ("loc", "lastmod") and _parent(element) in ("url", "sitemap"):
            row.setdefault(name, element.text or "")
        elif name in _NEWS and _parent(element) in ("news", "publication"):
            row.setdefault(f"news:{name}", element.text or "")


def _local(tag: object) -> str:
    # With an undeclared prefix the parser leaves `news:title` as it stands.
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def _parent(element: etree._Element) -> str:
    parent = element.getparent()
    return _local(parent.tag) if parent is not None else ""


def _link(row: Fields, url: str) -> str | None:
    return texts.link(url, row.get("loc"))


def _modified(row: Fields) -> datetime | None:
    return texts.instant(row.get("lastmod"))


def _entry(row: Fields, link: str) -> FeedEntry:
    keywords = (texts.plain(word, limit=texts.MAX_NAME_CHARACTERS) for word in row.get("news:keywords", "").split(","))
    return FeedEntry(
        url=link,
        title=texts.plain(row.get("news:title")),
        published_at=texts.instant(row.get("news:publication_date")),
        updated_at=_modified(row),
        language=texts.language(row.get("news:language")),
        tags=tuple(dict.fromkeys(word for word in keywords if word))[: MAX_ITEMS["tags"]],
    )
