"""The one place where what publishers wrote becomes an event: every text cleaned and capped, the whole within a record.

Readers of feeds and pages clean what they read as well, each what it needs. What is published leaves through here, so
that no field is forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from wiredesk.errors import Malformed
from wiredesk.events.articles import CollectedArticle, Entry
from wiredesk.events.changes import FeedChanged
from wiredesk.events.comments import CollectedComment
from wiredesk.events.encoding import encode
from wiredesk.text.invisible import without_controls
from wiredesk.urls import MAX_URL_CHARACTERS

Collection = TypeVar("Collection", bound=Entry | CollectedArticle | CollectedComment | FeedChanged)

MAX_CHARACTERS: Mapping[str, int] = {
    "id": 200,
    "capture": 200,
    "entry": 200,
    "article_id": 200,
    "parent_id": 200,
    "revision": 200,
    "guid": MAX_URL_CHARACTERS,
    "source": 255,  # a host (RFC 1035)
    "title": 1_000,
    "site": 200,
    "section": 200,
    "author": 200,
    "authors": 200,
    "tags": 200,
    "language": 40,
    "platform": 40,
    "change": 40,
    "summary": 50_000,
    "content": 250_000,
    "text": 200_000,
    "markdown": 200_000,
    "reason": 1_000,
}
"""By field, of lists each. The texts may make a record too large together: then they are cut further."""

URLS = frozenset({"url", "fetched_url", "origin_url", "feed", "image", "permalink", "comments_url", "comments_feed"})
"""Never cut, as what is left would be another address: a longer one is left out, or the event is `Malformed`."""

MAX_COMMENT_CHARACTERS = 20_000
MAX_ITEMS: Mapping[str, int] = {"authors": 20, "tags": 50}
MAX_NUMBER = 1_000_000_000
ROOM_BYTES = 1_024
"""What fields may still take that are set later: when an entry was shown before, which capture a revision has."""

_CUT = ("content", "summary", "text")
_BYTES_A_CHARACTER = 4
"""In UTF-8; what JSON escapes with more are controls, and those are gone but for line breaks and tabs (2)."""


def publishable(event: Collection, *, max_bytes: int) -> Collection:
    """`event` with all its texts cleaned and capped, at most `max_bytes` as JSON. Idempotent.

    Without controls, lone surrogates and what XML 1.0 cannot carry. A long text in a wide script loses its Markdown
    first, then its end. Raises `Malformed` where an address that is needed is too long, or nothing is left to cut.
    """
    return _fitted(_cleaned(event), max_bytes=max_bytes - ROOM_BYTES)


def _cleaned(event: Collection) -> Collection:
    changes: dict[str, object] = {}
    for name in event.__struct_fields__:
        value = getattr(event, name)
        cleaned = _value(event, name, value)
        if cleaned is not value:
            changes[name] = cleaned
    if isinstance(event, CollectedArticle) and len(event.text) > MAX_CHARACTERS["text"]:
        changes["truncated"] = True
    return msgspec.structs.replace(event, **changes) if changes else event


def _value(event: Collection, name: str, value: object) -> object:
    match value:
        case str() if name in URLS:
            return _url(event, name, value)
        case str():
            return _text(event, name, value)
        case tuple() if name in MAX_ITEMS:
            items = (_text(event, name, item) for item in value[: MAX_ITEMS[name]])
            cleaned = tuple(item for item in items if item)
            return value if cleaned == value else cleaned
        case bool():
            return value
        case int() if not -MAX_NUMBER <= value <= MAX_NUMBER:
            return None if _is_optional(event, name) else 0
    return value


def _text(event: Collection, name: str, value: str) -> str:
    limit = MAX_CHARACTERS[name]
    if isinstance(event, CollectedComment) and name == "text":
        limit = MAX_COMMENT_CHARACTERS
    text = without_controls(value)[:limit]
    return text if name in ("text", "markdown", "content", "summary") else text.strip()


def _url(event: Collection, name: str, value: str) -> str | None:
    url = without_controls(value).strip()
    if len(url) <= MAX_URL_CHARACTERS:
        return url
    if _is_optional(event, name):
        return None
    raise Malformed(
        f"{type(event).__name__}.{name} of {len(url)} characters: {url[:80]}…, expected at most {MAX_URL_CHARACTERS}"
    )


def _is_optional(event: Collection, name: str) -> bool:
    """Whether None is what the field has where nothing is said."""
    defaults = dict(zip(reversed(event.__struct_fields__), reversed(event.__struct_defaults__), strict=False))
    return name in defaults and defaults[name] is None


def _fitted(event: Collection, *, max_bytes: int) -> Collection:
    while _largest(event) > max_bytes and (size := len(encode(event))) > max_bytes:
        changes: dict[str, object] = {}
        if getattr(event, "markdown", ""):
            changes["markdown"] = ""
        else:
            changes |= {name: text[: len(text) // 2] for name in _CUT if (text := getattr(event, name, ""))}
            changes |= {"truncated": True} if "text" in changes and isinstance(event, CollectedArticle) else {}
        if not changes:
            raise Malformed(f"{type(event).__name__} of {size} bytes without its texts: expected at most {max_bytes}")
        event = msgspec.structs.replace(event, **changes)
    return event


def _largest(event: Collection) -> int:
    """A bound of the event's size that costs less than to encode it."""
    values = [getattr(event, name) for name in event.__struct_fields__]
    characters = sum(len(value) for value in values if isinstance(value, str))
    characters += sum(len(item) + 3 for value in values if isinstance(value, tuple) for item in value)
    return characters * _BYTES_A_CHARACTER + 4_096  # names, numbers, times
