"""The memory of dedupe in one SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from wiredesk.state.seen import (
    GENERATION,
    GENERATIONS,
    MAX_POSTINGS,
    REF_BYTES,
    Candidates,
    Lookup,
    Update,
    generations,
    likest,
    split,
    version_of,
)

SCHEMA = """
CREATE TABLE IF NOT EXISTS seen_value (generation INTEGER, key BLOB, value BLOB, PRIMARY KEY (generation, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen_posting (generation INTEGER, hash BLOB, refs BLOB, PRIMARY KEY (generation, hash)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen_record (ref BLOB PRIMARY KEY, generation INTEGER, value BLOB) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen_story (ref BLOB PRIMARY KEY, generation INTEGER, value BLOB) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen_generation (generation INTEGER PRIMARY KEY, until INTEGER);
CREATE INDEX IF NOT EXISTS seen_record_generation ON seen_record (generation);
CREATE INDEX IF NOT EXISTS seen_story_generation ON seen_story (generation);
"""
# Generations come first in the keys of the large tables: what is forgotten together lies together.

_NAMES = {"seen_value": "key", "seen_posting": "hash", "seen_record": "ref", "seen_story": "ref"}
_SECONDS = int(GENERATION.total_seconds())

FORGOTTEN_AT_ONCE = 2_000


def candidates(connection: sqlite3.Connection, asks: Sequence[Lookup]) -> list[Candidates]:
    """What is known of each; runs inside a read or write transaction of the caller."""
    return [_answer(connection, ask) for ask in asks]


def settle(
    connection: sqlite3.Connection, asks: Sequence[Lookup], versions: Sequence[str], writes: Sequence[Update]
) -> bool:
    """Write all if nothing changed; runs inside an immediate transaction of the caller."""
    if any(_answer(connection, ask).version != version for ask, version in zip(asks, versions, strict=True)):
        return False
    for write in writes:
        _write(connection, write)
    return True


def keep(connection: sqlite3.Connection, writes: Iterable[Update], *, now: int) -> None:
    """Keep what was written until its window has passed, counted from `now` (Unix seconds) by the items' own clocks.

    So a replay of old items does not find them forgotten at once.
    """
    until: dict[int, int] = {}
    for write in writes:
        generation = generations(write.at)[0]
        ends = now + (generation + GENERATIONS) * _SECONDS - write.at
        until[generation] = max(ends, until.get(generation, ends))
    connection.executemany(
        "INSERT INTO seen_generation VALUES (?, ?) ON CONFLICT DO UPDATE SET until = max(until, excluded.until)",
        until.items(),
    )


def forget(connection: sqlite3.Connection, *, now: int) -> bool:
    """Delete some of what is kept no longer at `now`, Unix seconds; whether there may be more."""
    row = connection.execute("SELECT generation FROM seen_generation WHERE until <= ? LIMIT 1", (now,)).fetchone()
    if row is None:
        return False
    (generation,) = row
    deleted = sum(_forget(connection, table, generation) for table in _NAMES)
    if not deleted:
        connection.execute("DELETE FROM seen_generation WHERE generation = ?", (generation,))
    return True


def _forget(connection: sqlite3.Connection, table: str, generation: int) -> int:
    name = _NAMES[table]
    return connection.execute(
        f"DELETE FROM {table} WHERE generation = :generation AND {name} IN "  # noqa: S608 - names are ours
        f"(SELECT {name} FROM {table} WHERE generation = :generation LIMIT :limit)",
        {"generation": generation, "limit": FORGOTTEN_AT_ONCE},
    ).rowcount


def _answer(connection: sqlite3.Connection, ask: Lookup) -> Candidates:
    window = tuple(generations(ask.at))
    values = _values(connection, ask.keys, window)
    near = likest(_counts(connection, ask.hashes, window))
    refs = {value[:REF_BYTES] for value in values.values()} | {ref for ref, _ in near}
    records = _rows(connection, "seen_record", refs)
    stories = _rows(connection, "seen_story", {record[:REF_BYTES] for record in records.values()})
    mappings = [_flat(mapping) for mapping in (values, records, stories)]
    version = version_of([mappings[0], _likely(near), *mappings[1:]])
    return Candidates(values=values, near=near, records=records, stories=stories, version=version)


def _values(connection: sqlite3.Connection, keys: Sequence[bytes], window: Sequence[int]) -> dict[bytes, bytes]:
    rows = connection.execute(
        f"SELECT key, value FROM seen_value WHERE generation IN {_marks(window)} AND key IN {_marks(keys)} "  # noqa: S608
        "ORDER BY generation",
        (*window, *keys),
    )
    return dict(rows.fetchall())  # the newest generation comes last and wins


def _counts(connection: sqlite3.Connection, hashes: Sequence[bytes], window: Sequence[int]) -> dict[bytes, int]:
    counts: dict[bytes, int] = {}
    for (refs,) in connection.execute(
        f"SELECT refs FROM seen_posting WHERE generation IN {_marks(window)} AND hash IN {_marks(hashes)}",  # noqa: S608
        (*window, *hashes),
    ):
        for ref in split(refs):
            counts[ref] = counts.get(ref, 0) + 1
    return counts


def _rows(connection: sqlite3.Connection, table: str, refs: set[bytes]) -> dict[bytes, bytes]:
    return dict(
        connection.execute(
            f"SELECT ref, value FROM {table} WHERE ref IN {_marks(refs)}",  # noqa: S608 - names are ours
            tuple(refs),
        ).fetchall()
    )


def _marks(values: Sequence[object] | set[bytes]) -> str:
    return f"({','.join('?' * len(values))})"


def _flat(mapping: Mapping[bytes, bytes]) -> list[bytes]:
    return [part for name in sorted(mapping) for part in (name, mapping[name])]


def _likely(near: Sequence[tuple[bytes, int]]) -> list[bytes]:
    return [part for ref, count in near for part in (ref, b"%d" % count)]


def _write(connection: sqlite3.Connection, write: Update) -> None:
    generation = generations(write.at)[0]
    connection.executemany(
        "INSERT OR REPLACE INTO seen_value VALUES (?, ?, ?)",
        [(generation, key, value) for key, value in write.values.items()],
    )
    if write.record:
        connection.execute("INSERT OR REPLACE INTO seen_record VALUES (?, ?, ?)", (write.ref, generation, write.record))
    if write.story:
        connection.execute(
            "INSERT OR REPLACE INTO seen_story VALUES (?, ?, ?)", (write.story, generation, write.story_value)
        )
    connection.executemany(
        "INSERT INTO seen_posting VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET refs = CAST(refs || excluded.refs AS BLOB) "
        "WHERE length(refs) < ?",
        [(generation, hashed, write.ref, MAX_POSTINGS * REF_BYTES) for hashed in dict.fromkeys(write.hashes)],
    )
