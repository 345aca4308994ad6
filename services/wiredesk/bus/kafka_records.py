"""Turns Kafka's records into ours. Metadata is input like the value: foreign producers may write anything there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords, _MemoryRecordsPy
from aiokafka.record.util import decode_varint_py
from aiokafka.structs import ConsumerRecord

from wiredesk.bus import Consumed

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_consumed(record: ConsumerRecord) -> Consumed:
    """A record as Kafka gives it; what foreign producers leave out is empty, what cannot be read is its `fault`."""
    at = appended_at(record)
    odd_names = [name for name, _ in record.headers if not _is_text(name)]
    fault = "" if at else f"creation time {record.timestamp} is no time in milliseconds since 1970"
    if odd_names:
        fault = f"header name {_shown(odd_names[0])} is not UTF-8"
    return Consumed(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        at=at or EPOCH,
        fault=fault,
        key=record.key or b"",
        value=record.value or b"",
        headers=tuple((_shown(name), value or b"") for name, value in record.headers),
    )


def appended_at(record: ConsumerRecord) -> datetime | None:
    """The record's timestamp: of its append or, where the topic is set so, of its creation; None where it is no time."""
    if record.timestamp < 0:  # Kafka's own word for none is -1
        return None
    try:
        return datetime.fromtimestamp(record.timestamp / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _is_text(name: str) -> bool:
    return name.isascii() or not any("\udc80" <= letter <= "\udcff" for letter in name)


def _shown(name: str) -> str:
    return name if _is_text(name) else name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


class _LenientBytes(bytearray):
    """Bytes whose pieces are decoded whatever they are; what is not UTF-8 becomes lone surrogates."""

    def __getitem__(self, key: Any) -> Any:
        piece = super().__getitem__(key)
        return _LenientBytes(piece) if isinstance(key, slice) else piece

    def decode(self, encoding: str = "utf-8", errors: str = "surrogateescape") -> str:
        return super().decode(encoding, errors)


class _LenientBatch(_DefaultRecordBatchPy):  # type: ignore[misc]
    """A batch as the client's own Python code reads it, but for the names of headers."""

    _buffer: bytearray

    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        if not isinstance(self._buffer, _LenientBytes):
            self._buffer = _LenientBytes(self._buffer)

    def _read_msg(self) -> Any:
        return super()._read_msg(decode_varint_py)  # the compiled one takes nothing but plain bytes


class _Batch:
    """A batch of the client; where that cannot read a record, the lenient form is read from there on."""

    def __init__(self, batch: Any, lenient: Callable[[], _LenientBatch]) -> None:
        self._batch, self._lenient = batch, lenient

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        read = 0
        try:
            for record in self._batch:
                read += 1
                yield record
        except (UnicodeDecodeError, CorruptRecordException) as error:
            if not isinstance(error.__cause__ or error, UnicodeDecodeError):
                raise
            for number, record in enumerate(self._lenient()):
                if number >= read:
                    yield record


class LenientRecords:
    """The records of one fetch. The client raises on a header name that is not UTF-8, and reads nothing after it."""

    def __init__(self, fetched: bytes) -> None:
        self._fetched, self._records = fetched, MemoryRecords(fetched)
        self._batches = 0

    def size_in_bytes(self) -> int:
        """Bytes of the whole fetch."""
        size: int = self._records.size_in_bytes()
        return size

    def has_next(self) -> bool:
        """Whether another complete batch follows."""
        has: bool = self._records.has_next()
        return has

    def next_batch(self) -> Any:
        """The next batch."""
        batch, number = self._records.next_batch(), self._batches
        self._batches += 1
        return _Batch(batch, lambda: self._lenient(number))

    def _lenient(self, number: int) -> _LenientBatch:
        batches = _MemoryRecordsPy(self._fetched)
        for _ in range(number):
            batches.next_batch()
        return _LenientBatch(batches._next_slice)


fetcher.MemoryRecords = LenientRecords
