"""`/rules/{name}.atom` and `/rules/{name}.json`: a rule's alerts for feed readers (RFC 4287, JSON Feed 1.1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import web
from lxml import etree

from wiredesk.database import Database
from wiredesk.database.alerts import SentAlert
from wiredesk.events import Article, Comment
from wiredesk.roles.web.answers import answer
from wiredesk.roles.web.parameters import given_of
from wiredesk.roles.web.problem import Problem
from wiredesk.text.invisible import without_controls

MOST_ENTRIES: Final = 50
ATOM: Final = "http://www.w3.org/2005/Atom"
JSON_FEED: Final = "https://jsonfeed.org/version/1.1"
MOST_TITLE_CHARACTERS: Final = 200


class _SentData(msgspec.Struct, frozen=True, kw_only=True):
    article: Article | None = None
    comment: Comment | None = None


class _SentBody(msgspec.Struct, frozen=True, kw_only=True):
    data: _SentData


class FeedItem(msgspec.Struct, frozen=True, kw_only=True):
    """An alert as a feed shows it."""

    id: str
    url: str
    title: str
    text: str
    authors: tuple[str, ...]
    regions: tuple[str, ...]
    published_at: datetime | None
    alerted_at: datetime


_DECODER = msgspec.json.Decoder(_SentBody)


class RuleFeeds:
    """The feeds; `public_url` is where readers reach us, where that is not the address they ask."""

    def __init__(self, database: Database, *, public_url: str) -> None:
        self._database, self._public_url = database, public_url.rstrip("/")

    def add_to(self, app: web.Application) -> None:
        """Serve them in `app`."""
        app.router.add_get("/rules/{name:[a-z0-9-]{1,64}}.atom", self.atom)
        app.router.add_get("/rules/{name:[a-z0-9-]{1,64}}.json", self.json)

    async def atom(self, request: web.Request) -> web.Response:
        """The newest alerts as Atom, or 404 where no alert of that rule is stored: the rules may be on another machine."""
        body = atom(request.match_info["name"], await self._entries(request), site=self._site(request))
        return answer(request, body, content_type="application/atom+xml")

    async def json(self, request: web.Request) -> web.Response:
        """The same as JSON Feed."""
        document = json_feed(request.match_info["name"], await self._entries(request), site=self._site(request))
        return answer(request, msgspec.json.encode(document), content_type="application/feed+json")

    async def _entries(self, request: web.Request) -> list[FeedItem]:
        given_of(request, ())
        name = request.match_info["name"]
        alerts = await self._database.alerts.of_rule(name, limit=MOST_ENTRIES)
        if not alerts:
            raise Problem(
                HTTPStatus.NOT_FOUND, f"no alert of a rule {name!r}: it has told nothing yet, or there is none"
            )
        return [entry for alert in alerts if (entry := entry_of(alert))]

    def _site(self, request: web.Request) -> str:
        return self._public_url or str(request.url.origin())


def entry_of(alert: SentAlert) -> FeedItem | None:
    """An alert as an entry; None where its body names no item."""
    data = _DECODER.decode(alert.body).data
    if data.article is not None:
        item = data.article
        return FeedItem(
            id=f"urn:wiredesk:alert:{alert.id}",
            url=item.url,
            title=item.title or item.url,
            text=item.text,
            authors=tuple(item.authors),
            regions=_codes(item),
            published_at=item.published_at,
            alerted_at=alert.alerted_at,
        )
    if data.comment is not None:
        comment = data.comment
        return FeedItem(
            id=f"urn:wiredesk:alert:{alert.id}",
            url=comment.permalink or comment.url,
            title=f"{comment.author or 'A reader'}: {comment.text}"[:MOST_TITLE_CHARACTERS],
            text=comment.text,
            authors=(comment.author,) if comment.author else (),
            regions=_codes(comment),
            published_at=comment.posted_at,
            alerted_at=alert.alerted_at,
        )
    return None


def _codes(item: Article | Comment) -> tuple[str, ...]:
    return tuple(region.code for region in item.regions)


def atom(rule: str, entries: Sequence[FeedItem], *, site: str) -> bytes:
    """The Atom document of `rule`, served at `site`; `entries` holds one at least."""
    feed = etree.fromstring(f'<feed xmlns="{ATOM}"/>')
    _add(feed, "id", f"urn:wiredesk:rule:{rule}")
    _add(feed, "title", f"wiredesk: {rule}")
    _add(feed, "updated", _instant(entries[0].alerted_at))
    _add(feed, "link", rel="self", type="application/atom+xml", href=f"{site}/rules/{rule}.atom")
    for entry in entries:
        _add_entry(_add(feed, "entry"), entry)
    document: bytes = etree.tostring(feed, xml_declaration=True, encoding="utf-8")
    return document


def _add_entry(element: etree._Element, entry: FeedItem) -> None:
    _add(element, "id", entry.id)
    _add(element, "title", entry.title)
    _add(element, "updated", _instant(entry.alerted_at))
    if entry.published_at:
        _add(element, "published", _instant(entry.published_at))
    _add(element, "link", rel="alternate", href=entry.url)
    for name in entry.authors or ("unknown",):  # RFC 4287, 4.1.2: an entry has an author
        _add(_add(element, "author"), "name", name)
    for code in entry.regions:
        _add(element, "category", term=code)
    _add(element, "content", entry.text, type="text")


def _add(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    # Items that were stored by earlier versions may hold what XML cannot carry, and lxml refuses it.
    whole = {key: without_controls(value) for key, value in attributes.items()}
    child = etree.SubElement(parent, f"{{{ATOM}}}{name}", whole)
    child.text = without_controls(text) or None
    return child


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def json_feed(rule: str, entries: Sequence[FeedItem], *, site: str) -> dict[str, object]:
    """The JSON Feed of `rule`, served at `site`."""
    return {
        "version": JSON_FEED,
        "title": f"wiredesk: {rule}",
        "home_page_url": f"{site}/",
        "feed_url": f"{site}/rules/{rule}.json",
        "items": [_json_item(entry) for entry in entries],
    }


def _json_item(entry: FeedItem) -> dict[str, object]:
    item: dict[str, object] = {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "content_text": entry.text,
        "authors": [{"name": name} for name in entry.authors],
        "tags": entry.regions,
        "date_modified": _instant(entry.alerted_at),
    }
    return item | ({"date_published": _instant(entry.published_at)} if entry.published_at else {})
