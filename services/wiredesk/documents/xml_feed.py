"""RSS of every version, Atom and CDF, by feedparser within bounds."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import zip_longest
from xml.sax import SAXException

import feedparser

from wiredesk.documents import texts
from wiredesk.documents.feed import FeedDocument, FeedEntry, Hints
from wiredesk.documents.repair import repaired
from wiredesk.documents.slices import digests, sliced, without
from wiredesk.documents.unpack import root_of
from wiredesk.errors import Malformed
from wiredesk.events.collecting import MAX_ITEMS
from wiredesk.text.parsers import parsing

_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_ADDRESSED = re.compile(r"[^\s()@]+@[^\s()@]+\s*\(([^()]+)\)")
_CONTENT_TYPE = "application/xml; charset=utf-8"
"""What feedparser is told: never text/xml, where it follows RFC 3023 and takes what says no charset for ASCII."""

Raw = Mapping[str, object]


def read_xml(body: bytes, *, url: str, max_entries: int, known: Collection[bytes]) -> FeedDocument:
    """The document in `body`, UTF-8; raw items whose digest is `known` are skipped, as are those beyond `max_entries`.

    Raises `Malformed` where there is no feed in it, whatever is mended.
    """
    headers = {"content-type": _CONTENT_TYPE, "content-location": url}
    document = _sliced_reading(body, headers, url=url, max_entries=max_entries, known=known)
    if document:
        return document
    parsed = _parsed(body, headers)
    if not _entries(parsed) and (_is_broken(parsed) or not _text(parsed, "version")):
        parsed = _parsed(repaired(body), headers)
    if not _entries(parsed) and not _text(parsed, "version"):
        raise Malformed(f"no feed: {len(body)} bytes whose first element is {root_of(body)[:40] or 'missing'}")
    document = _document(parsed, url=url)
    return replace(
        document, entries=document.entries[:max_entries], left_out=max(0, len(document.entries) - max_entries)
    )


def _sliced_reading(
    body: bytes, headers: Mapping[str, str], *, url: str, max_entries: int, known: Collection[bytes]
) -> FeedDocument | None:
    """The document read without the items that need no reading; None where it cannot be cut with certainty."""
    slices = sliced(body)
    if not slices:
        return None
    marks = digests(body, slices)
    unknown = [index for index, mark in enumerate(marks) if mark not in known]
    indexes = set(unknown[:max_entries])
    parsed = _parsed(without(body, slices, lambda index: index not in indexes), headers)
    if _is_broken(parsed) or len(_raw_entries(parsed)) != len(indexes):
        return None
    document = _document(parsed, url=url, marks=[marks[index] for index in unknown[:max_entries]])
    return replace(
        document,
        slices=marks,
        left_out=len(unknown) - len(indexes),
        skipped=len(slices) - len(unknown),
    )


def _parsed(body: bytes, headers: Mapping[str, str]) -> Raw:
    # A stream: given bytes, feedparser first tries to open them as the name of a file. The sanitiser is quadratic
    # on "<!--" (1 MB: over 25 s, measured), and relative links in content are the reader's business.
    with parsing("no feed"):
        parsed: Raw = dict(
            feedparser.parse(
                io.BytesIO(body), response_headers=dict(headers), sanitize_html=False, resolve_relative_uris=False
            )
        )
    return parsed


def _is_broken(parsed: Raw) -> bool:
    """Whether the XML is not well-formed; a wrong content type or charset is no reason to distrust it."""
    return isinstance(parsed.get("bozo_exception"), SAXException)


def _raw_entries(parsed: Raw) -> list[Raw]:
    return _dicts(parsed.get("entries"))


def _entries(parsed: Raw) -> list[Raw]:
    # Some feeds hold an empty item inside each item.
    return [entry for entry in _raw_entries(parsed) if entry]


def _document(parsed: Raw, *, url: str, marks: Sequence[bytes] = ()) -> FeedDocument:
    """What feedparser found; `marks` are the digests of its raw items, as many as it found, or none."""
    items = zip_longest(_raw_entries(parsed), marks)
    feed = _dict(parsed.get("feed"))
    version = texts.clean(parsed.get("version"), limit=20) or "rss"
    spoken = texts.language(feed.get("language")) or texts.language(_dict(feed.get("title_detail")).get("language"))
    return FeedDocument(
        format=version,
        title=texts.plain(feed.get("title")),
        home=texts.link(url, feed.get("link")),
        language=spoken,
        hints=_hints(feed),
        hub=_related(feed, "hub", url=url),
        self_url=_related(feed, "self", url=url),
        next_url=_related(feed, "next", url=url),
        entries=tuple(
            replace(_entry(raw, url=url, spoken=spoken, version=version), raw=mark) for raw, mark in items if raw
        ),
    )


def _entry(raw: Raw, *, url: str, spoken: str | None, version: str) -> FeedEntry:
    published = texts.instant(raw.get("published"))
    created = texts.instant(raw.get("created"))
    updated = texts.instant(raw.get("updated"))
    # RSS knows one date, whatever its name; dc:date arrives as `updated`.
    dated = published or created or (None if version.startswith("atom") else updated)
    content = _content(raw)
    summary = _html(raw.get("summary"), _dict(raw.get("summary_detail")), limit=texts.MAX_SUMMARY_CHARACTERS)
    title = _dict(raw.get("title_detail"))
    return FeedEntry(
        guid=texts.clean(raw.get("id"), limit=texts.MAX_GUID_CHARACTERS) or None,
        url=_page(raw, url=url),
        title=texts.plain(raw.get("title")),
        summary="" if summary == content[: len(summary) or None] else summary,
        content=content,
        authors=_authors(raw),
        published_at=dated,
        updated_at=updated,
        language=texts.language(title.get("language")) or spoken,
        tags=_tags(raw),
        comments_url=texts.link(url, raw.get("comments")) or _related(raw, "replies", url=url, is_feed=False),
        comments_feed=texts.link(url, raw.get("wfw_commentrss")) or _related(raw, "replies", url=url, is_feed=True),
        comments_count=_comments_count(raw),
        parent_guid=texts.clean(_dict(raw.get("thr_in-reply-to")).get("ref"), limit=texts.MAX_GUID_CHARACTERS) or None,
    )


def _page(raw: Raw, *, url: str) -> str | None:
    # `link` is the last one read: an enclosure without href overwrites the page's. Alternates are certain.
    address = texts.link(url, raw.get("link"))
    pages = [texts.link(url, link.get("href")) for link in _dicts(raw.get("links")) if link.get("rel") == "alternate"]
    return address if not any(pages) or address in pages else next(page for page in pages if page)


def _content(raw: Raw) -> str:
    """The longest of the entry's contents: some give a text version beside the HTML, others a teaser first."""
    versions = [
        _html(part.get("value"), part, limit=texts.MAX_CONTENT_CHARACTERS) for part in _dicts(raw.get("content"))
    ]
    return max(versions, key=len, default="")


def _html(value: object, detail: Raw, *, limit: int) -> str:
    text = texts.clean(value, limit=limit)
    # In RSS a description of type text/plain is one that shows no mark-up; escaped once more it would show entities.
    return html.escape(text, quote=False) if detail.get("type") == "text/plain" and "<" in text else text


def _authors(raw: Raw) -> tuple[str, ...]:
    whole = texts.clean(raw.get("author"), limit=2 * texts.MAX_NAME_CHARACTERS)
    # RSS 2.0 wants "address (name)"; feedparser cuts addresses of longer top-level domains in the middle.
    addressed = _ADDRESSED.fullmatch(whole)
    people = [addressed[1]] if addressed else [author.get("name") for author in _dicts(raw.get("authors"))]
    names = [texts.plain(name, limit=texts.MAX_NAME_CHARACTERS) for name in (people if any(people) else [whole])]
    return tuple(dict.fromkeys(name for name in names if name))[: MAX_ITEMS["authors"]]


def _tags(raw: Raw) -> tuple[str, ...]:
    terms = (
        texts.plain(tag.get("label") or tag.get("term"), limit=texts.MAX_NAME_CHARACTERS)
        for tag in _dicts(raw.get("tags"))
    )
    return tuple(dict.fromkeys(term for term in terms if term))[: MAX_ITEMS["tags"]]


def _comments_count(raw: Raw) -> int | None:
    counts = [raw.get("slash_comments"), raw.get("thr_total")]
    counts += [link.get("thr:count") for link in _dicts(raw.get("links")) if link.get("rel") == "replies"]
    return next((number for count in counts if (number := texts.whole_number(count)) is not None), None)


def _hints(feed: Raw) -> Hints:
    minutes = texts.whole_number(feed.get("ttl"))
    period = _PERIODS.get(texts.clean(feed.get("sy_updateperiod"), limit=20).lower())
    times = texts.whole_number(feed.get("sy_updatefrequency")) or 1
    return Hints(
        ttl=timedelta(minutes=min(minutes, 100_000)) if minutes else None,
        update_period=period / times if period else None,
    )


def _related(raw: Raw, relation: str, *, url: str, is_feed: bool | None = None) -> str | None:
    """The first link of that relation; a feed, or no feed, where that is asked for."""
    for link in _dicts(raw.get("links")):
        if link.get("rel") != relation:
            continue
        kind = texts.clean(link.get("type"), limit=100)
        if is_feed is None or is_feed == kind.endswith(("+xml", "/xml", "/json", "+json")):
            address = texts.link(url, link.get("href"))
            if address:
                return address
    return None


def _text(raw: Raw, name: str) -> str:
    value = raw.get(name)
    return value if isinstance(value, str) else ""


def _dict(value: object) -> Raw:
    # A plain copy: feedparser's own dictionaries answer for other keys than those asked for.
    return dict(value) if isinstance(value, Mapping) else {}


def _dicts(value: object) -> list[Raw]:
    return [dict(item) for item in value if isinstance(item, Mapping)] if isinstance(value, Sequence) else []
