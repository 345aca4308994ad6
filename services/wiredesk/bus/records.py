"""Between events and the records that carry them."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from wiredesk import events
from wiredesk.bus import MAX_VALUE_BYTES, Consumed, Record
from wiredesk.errors import Malformed

DEAD = "dead"
"""The topic of dead letters, without prefix."""

DEAD_HEADER_PREFIX = "dead_"
KEPT_OF_TOO_LARGE_BYTES = 64 * 1024
SHORTER_STILL_BYTES = (16 * 1024, 4 * 1024, 1024, 0)
MAX_KEPT_HEADER_BYTES = 4_096
MAX_KEPT_HEADERS_BYTES = 64 * 1024  # together: beside a value of 900 KB they must fit a record of 1 MB
MAX_KEPT_HEADERS = 50
MAX_ERROR_BYTES = 8_192


def to_record(event: events.Event, *, prefix: str, role: str, now: datetime, traceparent: str) -> Record:
    """The record that carries `event` on its topic.

    Raises `Malformed` where a text of the event cannot travel: NUL or a lone surrogate.
    """
    return Record(
        topic=f"{prefix}.{events.topic_of(event)}",
        key=events.key_of(event),
        value=events.encode(event),
        headers=events.headers_of(event, source=f"/{prefix}/{role}", now=now, traceparent=traceparent),
    )


class Headed(Protocol):
    """Whatever carries a record's headers."""

    @property
    def headers(self) -> tuple[tuple[str, bytes], ...]:
        """Names and values, in order."""
        ...


def header(record: Headed, name: str) -> str:
    """The last header of that name as text, undecodable bytes replaced; empty where there is none."""
    for key, value in reversed(record.headers):
        if key == name:
            return value.decode("utf-8", "replace")
    return ""


def to_event(record: Record) -> events.Event:
    """The event a record carries. Raises `Malformed`, and nothing else."""
    type_name = header(record, "ce_type")
    if not type_name:
        raise Malformed("record has no ce_type header")
    if len(record.value) > MAX_VALUE_BYTES:
        raise Malformed(f"value of {len(record.value)} bytes exceeds {MAX_VALUE_BYTES}")
    return events.decode(record.value, type_name=type_name)


def dead_letter(
    consumed: Consumed,
    *,
    prefix: str,
    role: str,
    reason: str,
    error: str = "",
    traceback: str = "",
    now: datetime,
    attempts: int = 1,
) -> Record:
    """The record as it was, with headers that say where it came from, who gave it up and why.

    Over 900 KB the value's first 64 KB are kept and `dead_truncated` gives its length.
    """
    value = consumed.value
    cut: tuple[tuple[str, bytes], ...] = ()
    if len(value) > MAX_VALUE_BYTES:
        value, cut = value[:KEPT_OF_TOO_LARGE_BYTES], (("dead_truncated", str(len(consumed.value)).encode()),)
    facts = {
        "dead_topic": consumed.topic,
        "dead_partition": str(consumed.partition),
        "dead_offset": str(consumed.offset),
        "dead_role": role,
        "dead_reason": reason,
        "dead_error": error,
        "dead_traceback": traceback,
        "dead_time": now.isoformat().replace("+00:00", "Z"),
        "dead_attempts": str(attempts),
    }
    return Record(
        topic=f"{prefix}.{DEAD}",
        key=consumed.key[:MAX_KEPT_HEADER_BYTES],
        value=value,
        headers=(*_kept_headers(consumed), *((name, _cut(fact)) for name, fact in facts.items()), *cut),
    )


def shortened(letter: Record) -> Record:
    """The next shorter form of a dead letter that the log refuses; `letter` itself where nothing is left to cut.

    First 64 KB of the value and how it died, then less and less of the value, then no text of the error either.
    Where and why it died stays, and `dead_truncated` tells how long the value was.
    """
    headers = tuple(pair for pair in letter.headers if pair[0].startswith(DEAD_HEADER_PREFIX))
    if headers != letter.headers or len(letter.value) > KEPT_OF_TOO_LARGE_BYTES:
        return _cut_letter(letter, headers, KEPT_OF_TOO_LARGE_BYTES)
    for size in SHORTER_STILL_BYTES:
        if len(letter.value) > size:
            return _cut_letter(letter, headers, size)
    texts = ("dead_error", "dead_traceback")
    return _cut_letter(letter, tuple((name, b"" if name in texts else fact) for name, fact in headers), 0)


def _cut_letter(letter: Record, headers: tuple[tuple[str, bytes], ...], size: int) -> Record:
    if len(letter.value) > size and not header(letter, "dead_truncated"):
        headers = (*headers, ("dead_truncated", str(len(letter.value)).encode()))
    return Record(topic=letter.topic, key=letter.key, value=letter.value[:size], headers=headers)


def revived(letter: Record, *, value: bytes | None = None) -> Record:
    """The record a dead letter was made of, for its own topic once more; `value` replaces a mended one."""
    topic = header(letter, "dead_topic")
    if not topic:
        raise Malformed("record has no dead_topic header: it is no dead letter")
    if value is None and header(letter, "dead_truncated"):
        raise Malformed(f"only the first {len(letter.value)} bytes were kept: replay it with a value")
    headers = tuple((name, fact) for name, fact in letter.headers if not name.startswith(DEAD_HEADER_PREFIX))
    return Record(topic=topic, key=letter.key, value=letter.value if value is None else value, headers=headers)


def _kept_headers(consumed: Consumed) -> tuple[tuple[str, bytes], ...]:
    # A letter that dies twice tells of its last death only; and headers themselves may be what is too large.
    kept: list[tuple[str, bytes]] = []
    room = MAX_KEPT_HEADERS_BYTES
    for name, value in consumed.headers:
        pair = name[:256], value[:MAX_KEPT_HEADER_BYTES]
        size = len(pair[0].encode()) + len(pair[1])
        if not name.startswith(DEAD_HEADER_PREFIX) and size <= room and len(kept) < MAX_KEPT_HEADERS:
            kept.append(pair)
            room -= size
    return tuple(kept)


def _cut(text: str) -> bytes:
    encoded = text.encode("utf-8", "replace")
    return encoded if len(encoded) <= MAX_ERROR_BYTES else encoded[:MAX_ERROR_BYTES].decode("utf-8", "ignore").encode()
