"""The body of a webhook: built once, when the alert is first written, and the same bytes in every try."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from wiredesk.events import Alert, Article, Comment, Match, Place

MOST_TEXT_BYTES = 4_096
MOST_MATCHES = 100
MOST_PLACES = 50
MOST_NAMES = 50
"""The most authors or tags in a body: the specification recommends bodies below 20 kB."""


class _WebhookBody(msgspec.Struct, frozen=True, kw_only=True):
    data: Alert


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(_WebhookBody)


def frozen(alert: Alert, item: Article | Comment, *, now: datetime) -> bytes:
    """The body: `data` is the alert, and the item in short as `article` or `comment`."""
    kind = "article" if isinstance(item, Article) else "comment"
    fields = msgspec.structs.asdict(alert) | {kind: _short(item)}
    return _ENCODER.encode({"type": alert.type_name, "timestamp": now.astimezone(UTC), "data": fields})


def alert_in(body: bytes) -> Alert:
    """The alert in a body: the event, the same however often it is published."""
    return _DECODER.decode(body).data


def matches(places: Sequence[Match]) -> tuple[Match, ...]:
    """The first of `places` in reading order, each once."""
    # The title stands before the text.
    ordered = sorted(set(places), key=lambda match: (match.field != "title", match.field, match.start, match.end))
    return tuple(ordered[:MOST_MATCHES])


def _short(item: Article | Comment) -> Article | Comment:
    text = cut(item.text)
    kept: dict[str, object] = {"text": text, "places": _places(item.places, len(text))}
    if isinstance(item, Article):
        kept |= {
            "markdown": "",
            "authors": item.authors[:MOST_NAMES],
            "tags": item.tags[:MOST_NAMES],
            "truncated": item.truncated or text != item.text,
        }
    return msgspec.structs.replace(item, **kept)


def cut(text: str) -> str:
    """The beginning of `text`, 4 KB of UTF-8 at most, no character cut in two."""
    return text.encode("utf-8", "surrogatepass")[:MOST_TEXT_BYTES].decode("utf-8", "ignore")


def _places(places: Sequence[Place], length: int) -> tuple[Place, ...]:
    return tuple([place for place in places if place.field != "text" or place.end <= length][:MOST_PLACES])
