"""How large a record may be."""

from __future__ import annotations

from collections.abc import Sequence

from wiredesk.bus import Record, TooLarge

MAX_RECORD_BYTES = 1_000_000
"""Key, value and headers: what still fits Kafka's default `max.message.bytes` of 1 MiB with its own overhead."""


def size_of(record: Record) -> int:
    """Bytes of key, value and headers."""
    return len(record.key) + len(record.value) + sum(len(name.encode()) + len(value) for name, value in record.headers)


def refuse_too_large(records: Sequence[Record]) -> None:
    """Raise `TooLarge` for the first record that no log takes."""
    for record in records:
        size = size_of(record)
        if size > MAX_RECORD_BYTES:
            raise TooLarge(record, size, MAX_RECORD_BYTES)
