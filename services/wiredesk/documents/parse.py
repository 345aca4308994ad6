"""Parses the body that a feed's URL answered with, of any format, into a `FeedDocument`."""

from __future__ import annotations

from collections.abc import Collection
from html.parser import HTMLParser

from wiredesk.documents import texts
from wiredesk.documents.feed import FeedDocument
from wiredesk.documents.json_feed import read_json
from wiredesk.documents.sitemap import read_sitemap
from wiredesk.documents.unpack import as_utf8, gunzipped, kind_of
from wiredesk.documents.xml_feed import read_xml
from wiredesk.errors import Malformed
from wiredesk.text.parsers import parsing, with_whole_references

MAX_ENTRIES = 2_000

FEED_TYPES = frozenset(
    ["application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml", "application/json"]
)
_DISCOVERED_BYTES = 512 * 1024


def parse(
    body: bytes,
    *,
    url: str,
    content_type: str = "",
    content_location: str = "",
    max_entries: int = MAX_ENTRIES,
    known: Collection[bytes] = frozenset(),
) -> FeedDocument:
    """The feed document in `body`, which came from `url`: RSS, Atom, CDF, JSON Feed, sitemap or sitemap index.

    Broken XML is read as far as it goes. Items whose raw digest is in `known` (`slices` of an earlier document) are
    left out and counted in `skipped`. Links are resolved against `content_location` where it is http(s), else `url`.
    Pure, but for untrusted bytes: run it in a worker process with limits.
    Raises `Malformed`, and nothing else, where `body` is no feed; the text says what it is.
    """
    base = texts.link(url, content_location) or url
    body = gunzipped(body)
    if not body.strip():
        raise Malformed(f"no feed: {len(body)} bytes, all of them white space")
    text = with_whole_references(as_utf8(body, content_type=content_type))
    match kind_of(text):
        case "json":
            return read_json(text, url=base, max_entries=max_entries)
        case "sitemap":
            return read_sitemap(text, url=base, max_entries=max_entries)
        case "html":
            raise Malformed(_not_a_feed(text, base))
        case _:
            return read_xml(text, url=base, max_entries=max_entries, known=known)


def _not_a_feed(body: bytes, url: str) -> str:
    named = discover(body, url=url)
    return "no feed but an HTML page" + (f"; it names {', '.join(named[:3])}" if named else "")


def discover(body: bytes, *, url: str) -> tuple[str, ...]:
    """The feeds that an HTML page names in `link rel=alternate`, in its order, each once."""
    finder = _Alternates(url)
    with parsing("no HTML"):
        finder.feed(body[:_DISCOVERED_BYTES].decode("utf-8", "replace"))
    return tuple(dict.fromkeys(finder.links))


class _Alternates(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "base" and (base := texts.link(self._url, values.get("href"))):
            self._url = base
        is_alternate = "alternate" in values.get("rel", "").lower().split()
        if tag == "link" and is_alternate and values.get("type", "").lower().strip() in FEED_TYPES:
            link = texts.link(self._url, values.get("href"))
            if link:
                self.links.append(link)
