"""What stands around an event: its type, topic, identity, key and headers."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from wiredesk import urls
from wiredesk.events.articles import CollectedArticle, Entry, JudgedArticle
from wiredesk.events.changes import Alert, FeedChanged, StoryChanged
from wiredesk.events.comments import CollectedComment, JudgedComment
from wiredesk.events.event import Event
from wiredesk.events.structs import DUPLICATE_TYPES


def is_duplicate(event: Event) -> bool:
    """Whether dedupe found it to be a copy: such a judged event goes to `duplicates`, not `unique`."""
    return isinstance(event, JudgedArticle | JudgedComment) and event.verdict.kind == "duplicate"


def type_of(event: Event) -> str:
    """The event's `ce_type`."""
    return DUPLICATE_TYPES.get(type(event), event.type_name) if is_duplicate(event) else event.type_name


def topic_of(event: Event) -> str:
    """The name of the topic the event goes to, without prefix."""
    return "duplicates" if is_duplicate(event) and type(event) in DUPLICATE_TYPES else event.topic


def digest(*parts: str) -> str:
    """A 128-bit name of `parts`, 32 hexadecimal digits; the border between two parts counts. BLAKE2b."""
    hasher = hashlib.blake2b(digest_size=16)
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        hasher.update(len(encoded).to_bytes(8, "big"))
        hasher.update(encoded)
    return hasher.hexdigest()


def capture_of(event: Event) -> str:
    """The event's `ce_id`: the same for a replay, another for a changed text."""
    match event:
        case CollectedArticle() | CollectedComment():
            return event.capture
        case Entry():
            again = (event.returned_from.isoformat(),) if event.returned_from else ()
            return digest(event.id, event.revision, *again)
        case StoryChanged():
            return digest("story", event.id, event.item, *((event.capture,) if event.capture else ()))
        case FeedChanged():
            return digest("feed", event.feed, event.change, event.entry or "", event.at.isoformat())
        case Alert():
            return event.id
    raise TypeError(f"{type(event).__name__} has no capture")


def key_of(event: Event) -> bytes:
    """The record's key: what must stay in order shares one."""
    match event:
        case Entry():
            key = urls.site_of(event.url)
        case CollectedArticle():
            key = event.id
        case CollectedComment():
            key = event.article_id
        case StoryChanged():
            key = event.id
        case FeedChanged():
            key = event.feed
        case Alert():
            key = event.rule
        case _:
            raise TypeError(f"{type(event).__name__} has no key")
    return key.encode("utf-8", "surrogatepass")


def subject_of(event: Event) -> str:
    """The event's `ce_subject`: the URL it is about, else the id of the item or story."""
    match event:
        case Entry() | CollectedArticle() | CollectedComment():
            return event.url
        case FeedChanged():
            return event.feed
        case StoryChanged():
            return event.item
        case Alert():
            return event.item
    raise TypeError(f"{type(event).__name__} has no subject")


def publisher_of(event: Event) -> str:
    """The registrable domain that the event came from; empty where it came from none."""
    match event:
        case Entry() | CollectedComment():
            return urls.site_of(event.url)
        case CollectedArticle() | StoryChanged():
            return event.source
        case FeedChanged():
            return urls.site_of(event.feed)
    return ""


def schema_of(event: type[Event]) -> str:
    """The event's `ce_dataschema`: the `$id` of its schema in `deploy/asyncapi/schemas/`, served at `/schemas/`."""
    return f"urn:wiredesk:schemas:{event.__name__}.json"


def headers_of(event: Event, *, source: str, now: datetime, traceparent: str) -> tuple[tuple[str, bytes], ...]:
    """CloudEvents 1.0 headers in binary mode; `source` is `/<prefix>/<role>`."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": capture_of(event),
        "ce_source": source,
        "ce_type": type_of(event),
        "ce_time": now.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "ce_subject": subject_of(event),
        "ce_dataschema": schema_of(type(event)),
        "content-type": "application/json",
        "traceparent": traceparent,
    }
    return tuple((name, value.encode()) for name, value in headers.items())
