"""The memory of dedupe in one SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from wiredesk.state.seen import (
    GENERATION,
    GENERATIONS,
    MAX_POSTINGS,
    REF_BYTES,
    Answer,
    Ask,
    Write,
    generations,
    likest,
    split,
    version_of,
)

SCHEMA = """
CREATE TABLE IF NOT EXISTS seen_value (key BLOB, generation INTEGER, value BLOB, PRIMARY KEY (key, generation)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen_posting (hash BLOB, generation INTEGER, refs BLOB, PRIMARY KEY (hash, generation)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen_record (ref BLOB PRIMARY KEY, generation INTEGER, value BLOB) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen_story (ref BLOB PRIMARY KEY, generation INTEGER, value BLOB) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS seen_record_generation ON seen_record (generation);
CREATE INDEX IF NOT EXISTS seen_story_generation ON seen_story (generation);
"""

TABLES = ("seen_value", "seen_posting", "seen_record", "seen_story")


def candidates(connection: sqlite3.Connection, asks: Sequence[Ask]) -> list[Answer]:
    """What is known of each; runs inside a read or write transaction of the caller."""
    return [_answer(connection, ask) for ask in asks]


def settle(
    connection: sqlite3.Connection, asks: Sequence[Ask], versions: Sequence[str], writes: Sequence[Write]
) -> bool:
    """Write all if nothing changed; runs inside an immediate transaction of the caller."""
    if any(_answer(connection, ask).version != version for ask, version in zip(asks, versions, strict=True)):
        return False
    for write in writes:
        _write(connection, write)
    return True


def forget(connection: sqlite3.Connection, *, at: int) -> None:
    """Delete what lies before the window of the clock `at`, Unix seconds."""
    oldest = at // int(GENERATION.total_seconds()) - GENERATIONS
    for table in TABLES:
        connection.execute(f"DELETE FROM {table} WHERE generation < ?", (oldest,))  # noqa: S608 - names are ours


def _answer(connection: sqlite3.Connection, ask: Ask) -> Answer:
    window = generations(ask.at)
    newest, oldest = window[0], window[-1]
    values: dict[bytes, bytes] = {}
    for key in ask.keys:
        row = connection.execute(
            "SELECT value FROM seen_value WHERE key = ? AND generation BETWEEN ? AND ? ORDER BY generation DESC LIMIT 1",
            (key, oldest, newest),
        ).fetchone()
        if row:
            values[key] = row[0]
    counts: dict[bytes, int] = {}
    for hashed in ask.hashes:
        for (refs,) in connection.execute(
            "SELECT refs FROM seen_posting WHERE hash = ? AND generation BETWEEN ? AND ?", (hashed, oldest, newest)
        ):
            for ref in split(refs):
                counts[ref] = counts.get(ref, 0) + 1
    near = likest(counts)
    refs = {value[:REF_BYTES] for value in values.values()} | {ref for ref, _ in near}
    records = _rows(connection, "seen_record", refs, oldest)
    stories = _rows(connection, "seen_story", {record[:REF_BYTES] for record in records.values()}, oldest)
    mappings = [_flat(mapping) for mapping in (values, records, stories)]
    version = version_of([mappings[0], _flat({ref: b"%d" % count for ref, count in near}), *mappings[1:]])
    return Answer(values=values, near=near, records=records, stories=stories, version=version)


def _flat(mapping: Mapping[bytes, bytes]) -> list[bytes]:
    return [part for name in sorted(mapping) for part in (name, mapping[name])]


def _rows(connection: sqlite3.Connection, table: str, refs: set[bytes], oldest: int) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for ref in refs:
        row = connection.execute(
            f"SELECT value FROM {table} WHERE ref = ? AND generation >= ?",  # noqa: S608 - names are ours
            (ref, oldest),
        ).fetchone()
        if row:
            found[ref] = row[0]
    return found


def _write(connection: sqlite3.Connection, write: Write) -> None:
    generation = generations(write.at)[0]
    connection.executemany(
        "INSERT OR REPLACE INTO seen_value VALUES (?, ?, ?)",
        [(key, generation, value) for key, value in write.values.items()],
    )
    if write.record:
        connection.execute("INSERT OR REPLACE INTO seen_record VALUES (?, ?, ?)", (write.ref, generation, write.record))
    if write.story:
        connection.execute(
            "INSERT OR REPLACE INTO seen_story VALUES (?, ?, ?)", (write.story, generation, write.story_value)
        )
    for hashed in write.hashes:
        connection.execute(
            "INSERT INTO seen_posting VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET refs = CAST(refs || excluded.refs AS BLOB) "
            "WHERE length(refs) < ?",
            (hashed, generation, write.ref, MAX_POSTINGS * REF_BYTES),
        )
