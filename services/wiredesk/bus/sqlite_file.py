"""The file of the embedded log: its tables, and the statements that read and write them.

A topic is one partition with dense offsets. Everything here runs within a transaction of the caller's connection.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import TypeAlias

import msgspec

from wiredesk.bus import Consumed, Record
from wiredesk.errors import Misconfigured
from wiredesk.sqlite.connection import bring_up_to, open_connection, to_wal
from wiredesk.sqlite.errors import DatabaseFile

SCHEMA_VERSION = 1

_TABLES = """
CREATE TABLE topics (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, next_offset INTEGER NOT NULL DEFAULT 0, kept_seconds REAL
);
CREATE TABLE records (
    id INTEGER PRIMARY KEY, topic INTEGER NOT NULL, offset INTEGER NOT NULL, at INTEGER NOT NULL,
    key BLOB NOT NULL, headers BLOB NOT NULL, value BLOB NOT NULL
);
CREATE UNIQUE INDEX records_by_offset ON records (topic, offset);
CREATE TABLE commits (
    consumers TEXT NOT NULL, topic INTEGER NOT NULL, offset INTEGER NOT NULL, PRIMARY KEY (consumers, topic)
) WITHOUT ROWID;
"""
# Rows lie in the order of writing, whatever their topic: appending touches the end of the file and one small index,
# where a table clustered by topic would split a page of records for nearly every insert.

_ENCODE = msgspec.msgpack.Encoder().encode
_DECODE = msgspec.msgpack.Decoder(tuple[tuple[str, bytes], ...]).decode

PRUNED_AT_ONCE = 2_000


def log_file(path: Path) -> DatabaseFile:
    """The file as errors name it."""
    advice = "move it away, or restore it from a backup"
    return DatabaseFile(path=path, noun="log", dependency="bus", advice=advice)


def connect(path: Path) -> sqlite3.Connection:
    """A connection whose commits have reached the disk when they return."""
    # 4,000 pages of 8 KB: fewer, longer checkpoints.
    return open_connection(path, pragmas=("synchronous = FULL", "wal_autocheckpoint = 4000"))


def create(path: Path) -> None:
    """Create the tables where they are missing. Raises `Misconfigured` on a file of a newer version."""
    if not path.parent.is_dir():
        raise Misconfigured(f"log {path}: there is no folder {path.parent}")
    file = log_file(path)
    with file.translating(), closing(connect(path)) as connection:
        connection.execute("PRAGMA page_size = 8192")  # two records of 3 KB a page; heeded by a new file only
        to_wal(connection)
        bring_up_to(connection, file, SCHEMA_VERSION, make=_make_tables)


def _make_tables(connection: sqlite3.Connection) -> None:
    for statement in _TABLES.split(";"):
        connection.execute(statement)


Row: TypeAlias = tuple[str, bytes, bytes, bytes]
"""Topic, key, headers and value, as they are stored."""


def encoded(records: Sequence[Record]) -> list[Row]:
    """Rows to `append`, encoded here so that a record that cannot be fails its caller and not the writing thread."""
    return [(record.topic, record.key, _ENCODE(record.headers), record.value) for record in records]


def append(connection: sqlite3.Connection, records: Sequence[Row], *, now: datetime) -> None:
    """Write `records` at the ends of their topics; an unknown topic is made."""
    at = _to_microseconds(now)
    topics: dict[str, tuple[int, int]] = {}
    rows = []
    for name, key, headers, value in records:
        topic, offset = topics.get(name) or _end_of(connection, name)
        rows.append((topic, offset, at, key, headers, value))
        topics[name] = topic, offset + 1
    connection.executemany(
        "INSERT INTO records (topic, offset, at, key, headers, value) VALUES (?, ?, ?, ?, ?, ?)", rows
    )
    connection.executemany(
        "UPDATE topics SET next_offset = ? WHERE id = ?", [(end, topic) for topic, end in topics.values()]
    )


def _end_of(connection: sqlite3.Connection, name: str) -> tuple[int, int]:
    connection.execute("INSERT INTO topics (name) VALUES (?) ON CONFLICT DO NOTHING", (name,))
    topic, end = connection.execute("SELECT id, next_offset FROM topics WHERE name = ?", (name,)).fetchone()
    return topic, end


def commit(connection: sqlite3.Connection, group: str, offsets: Mapping[str, int]) -> None:
    """Remember the next offset `group` reads of each topic; never moves one back."""
    connection.executemany(
        "INSERT INTO commits (consumers, topic, offset) SELECT ?, id, ? FROM topics WHERE name = ?"
        " ON CONFLICT DO UPDATE SET offset = max(offset, excluded.offset)",
        [(group, offset, topic) for topic, offset in offsets.items()],
    )


def head(connection: sqlite3.Connection, topic: str) -> int:
    """The offset the next record of `topic` will get; 0 where it does not exist yet."""
    row = connection.execute("SELECT next_offset FROM topics WHERE name = ?", (topic,)).fetchone()
    return row[0] if row else 0


def oldest(connection: sqlite3.Connection, topic: str) -> int:
    """The offset of the oldest kept record of `topic`, its head where none is kept."""
    row = connection.execute(
        "SELECT min(offset) FROM records WHERE topic = (SELECT id FROM topics WHERE name = ?)", (topic,)
    ).fetchone()
    return head(connection, topic) if row[0] is None else row[0]


def committed(connection: sqlite3.Connection, group: str, topic: str) -> int:
    """The next offset `group` reads of `topic`; 0 where it has never committed."""
    row = connection.execute(
        "SELECT offset FROM commits WHERE consumers = ? AND topic = (SELECT id FROM topics WHERE name = ?)",
        (group, topic),
    ).fetchone()
    return row[0] if row else 0


def appended_at(connection: sqlite3.Connection, topic: str, offset: int) -> datetime | None:
    """When the first record at or after `offset` was appended; None where there is none."""
    row = connection.execute(
        "SELECT at FROM records WHERE topic = (SELECT id FROM topics WHERE name = ?) AND offset >= ?"
        " ORDER BY offset LIMIT 1",
        (topic, offset),
    ).fetchone()
    return _to_datetime(row[0]) if row else None


def read(
    connection: sqlite3.Connection, topic: str, offset: int, *, max_records: int, max_bytes: int
) -> list[Consumed]:
    """Records of `topic` from `offset` on, in order: at least one where there is one, at most about `max_bytes`."""
    batch: list[Consumed] = []
    size = 0
    rows = connection.execute(
        "SELECT offset, at, key, headers, value FROM records"
        " WHERE topic = (SELECT id FROM topics WHERE name = ?) AND offset >= ? ORDER BY offset LIMIT ?",
        (topic, offset, max_records),
    )
    for place, at, key, headers, value in rows:
        batch.append(
            Consumed(
                topic=topic,
                partition=0,
                offset=place,
                at=_to_datetime(at),
                key=key,
                headers=_DECODE(headers),
                value=value,
            )
        )
        size += len(value) + len(headers)
        if size >= max_bytes:
            break
    return batch


def kept(connection: sqlite3.Connection, topic: str) -> timedelta | None:
    """How long records of `topic` are kept: None where the topic does not exist, the longest where nobody said."""
    row = connection.execute("SELECT kept_seconds FROM topics WHERE name = ?", (topic,)).fetchone()
    if row is None:
        return None
    return timedelta.max if row[0] is None else timedelta(seconds=row[0])


def keep(connection: sqlite3.Connection, topic: str, retention: timedelta) -> None:
    """Make the topic where it is missing, and keep its records for `retention`."""
    connection.execute(
        "INSERT INTO topics (name, kept_seconds) VALUES (?, ?)"
        " ON CONFLICT DO UPDATE SET kept_seconds = excluded.kept_seconds",
        (topic, retention.total_seconds()),
    )


def prune(connection: sqlite3.Connection, *, now: datetime) -> int:
    """Remove records past their retention, at most 2,000 a topic; how many."""
    gone = 0
    topics = connection.execute("SELECT id, kept_seconds FROM topics WHERE kept_seconds IS NOT NULL").fetchall()
    for topic, kept_seconds in topics:
        limit = _to_microseconds(now - timedelta(seconds=kept_seconds))
        first = connection.execute(
            "SELECT offset, at FROM records WHERE topic = ? ORDER BY offset LIMIT ?", (topic, PRUNED_AT_ONCE)
        )
        past = [offset for offset, _ in takewhile(lambda row: row[1] < limit, first)]  # noqa: B023 - used at once
        if past:
            gone += connection.execute(
                "DELETE FROM records WHERE topic = ? AND offset <= ?", (topic, past[-1])
            ).rowcount
    return gone


def _to_microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)


def _to_datetime(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
