"""Writing items, within a transaction that is already under way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database.changes import STORED, notify
from wiredesk.database.item_rows import Copy, Prepared, first_seen, newest, source_of
from wiredesk.database.statements import earlier_of, insert_into, is_sqlite, padded
from wiredesk.database.tables import counters, item_authors, item_events, item_regions, items, sightings

SEQUENCE = "items"
"""Name of the counter behind `seq`."""

_REPLACED = ("collected", "processed", "likeness", "event", "words")
_INDEXED = tuple(
    """
    seq kind source language primary_language article_id story likeness collected stored_at
""".split()
)


async def store(connection: AsyncConnection, prepared: Sequence[Prepared], *, now: datetime) -> dict[str, Prepared]:
    """Write the newest version of each; by id, those that are new or changed."""
    best = newest(prepared)
    ids = sorted(best)  # everybody in the same order, so nobody deadlocks
    numbers = await _numbers(connection, best, ids) if is_sqlite(connection) else {}
    await _write_bodies(connection, [best[item_id] for item_id in ids], numbers)
    changed = await _changed(connection, best, ids)
    if changed:
        await _write_authors(connection, changed)
        await _write_index(connection, changed, now=now)
    return {item.id: item for item in changed}


async def _numbers(connection: AsyncConnection, best: dict[str, Prepared], ids: Sequence[str]) -> dict[str, int]:
    """By id, the row number that each item is to have: the seq that it has, or will get in this transaction.

    FTS5 gives the matches of a word by row number, the highest first, and stops when it has enough: so a common word
    costs no more than a rare one. SQLite has one writer at a time, who therefore knows the next seq.
    """
    bodies = item_events.c
    columns = (bodies.id, bodies.number, bodies.collected, bodies.processed, items.c.likeness)
    statement = select(*columns).outerjoin_from(item_events, items, items.c.id == bodies.id)
    rows = {row.id: row for row in await connection.execute(statement.where(bodies.id.in_(padded(ids))))}
    counter = select(counters.c.value).where(counters.c.name == SEQUENCE)
    last: int = (await connection.execute(counter)).scalar_one()
    numbers = {}
    for item_id in ids:
        item, row = best[item_id], rows.get(item_id)
        is_change = row is None or (item.rank > (row.collected, row.processed) and item.likeness != row.likeness)
        last += is_change
        numbers[item_id] = last if row is None or is_change else row.number
    return numbers


async def _write_bodies(connection: AsyncConnection, best: Sequence[Prepared], numbers: Mapping[str, int]) -> None:
    """Write each body row that is newer than the stored one; all of them are locked until the transaction ends."""
    insert = insert_into(connection, item_events)
    stored, new = item_events.c, insert.excluded
    is_newer = or_(
        stored.collected < new.collected,
        (stored.collected == new.collected) & (stored.processed < new.processed),
    )
    replaced = (*_REPLACED, "number") if numbers else _REPLACED
    statement = insert.on_conflict_do_update(
        index_elements=["id"], set_={name: new[name] for name in replaced}, where=is_newer
    )
    rows = [{**item.body_row, "number": numbers[item.id]} if numbers else item.body_row for item in best]
    await connection.execute(statement, rows)


async def _changed(connection: AsyncConnection, best: dict[str, Prepared], ids: Sequence[str]) -> list[Prepared]:
    """The items whose body row this transaction holds, while the index row is of another version or missing."""
    bodies = item_events.c
    columns = (bodies.id, bodies.collected, bodies.processed, bodies.likeness, items.c.likeness.label("known"))
    rows = await connection.execute(
        select(*columns).outerjoin_from(item_events, items, items.c.id == bodies.id).where(bodies.id.in_(padded(ids)))
    )
    changed = []
    for item_id, collected, processed, likeness, known in rows:
        item = best[item_id]
        if (collected, processed, likeness) == (*item.rank, item.likeness) and known != likeness:
            changed.append(item)
    return sorted(changed, key=lambda item: item.id)


async def _write_authors(connection: AsyncConnection, changed: Sequence[Prepared]) -> None:
    # Delete, then insert: the new version may have fewer authors than the stored one.
    ids = padded([item.id for item in changed])
    await connection.execute(delete(item_authors).where(item_authors.c.item_id.in_(ids)))
    rows = [{"item_id": item.id, "author": author} for item in changed for author in item.authors]
    if rows:
        await connection.execute(insert_into(connection, item_authors), rows)


async def _write_regions(connection: AsyncConnection, seqs: Mapping[int, Prepared]) -> None:
    ids = padded([item.id for item in seqs.values()])
    await connection.execute(delete(item_regions).where(item_regions.c.item_id.in_(ids)))
    rows = [
        {"item_id": item.id, "code": code, "seq": seq, "language": item.index_row["language"]}
        for seq, item in seqs.items()
        for code in item.regions
    ]
    if rows:
        await connection.execute(insert_into(connection, item_regions), rows)


async def _write_index(connection: AsyncConnection, changed: Sequence[Prepared], *, now: datetime) -> None:
    counted = (
        update(counters)
        .where(counters.c.name == SEQUENCE)
        .values(value=counters.c.value + len(changed))
        .returning(counters.c.value)
    )
    # From here to the commit nobody else gets a seq: theirs are greater, and visible later.
    last = (await connection.execute(counted)).scalar_one()
    first = last - len(changed) + 1
    insert = insert_into(connection, items)
    replaced: dict[str, ColumnElement[Any]] = {name: insert.excluded[name] for name in _INDEXED}
    # A revision was seen later than what it revises: it must not make the origin of a story the last to have it.
    replaced["first_seen"] = earlier_of(connection, items.c.first_seen, insert.excluded.first_seen)
    statement = insert.on_conflict_do_update(index_elements=["id"], set_=replaced)
    seqs = dict(enumerate(changed, start=first))
    await connection.execute(
        statement, [{**item.index_row, "seq": seq, "stored_at": now} for seq, item in seqs.items()]
    )
    await _write_regions(connection, seqs)
    await notify(connection, STORED)


async def note_copies(connection: AsyncConnection, copies: Sequence[Copy], *, now: datetime) -> None:
    """Note where copies were seen; known sightings stay. An article seen again unchanged is no copy of itself."""
    rows = {
        (copy.verdict.of, copy.id): {
            "item_id": copy.verdict.of,
            "copy_id": copy.id,
            "url": copy.url,
            "source": source_of(copy),
            "seen_at": copy.times.collected or now,
            "first_seen": first_seen(copy),
        }
        for copy in copies
        if copy.verdict.of and copy.verdict.of != copy.id
    }
    if rows:
        ordered = [rows[key] for key in sorted(rows)]
        await connection.execute(insert_into(connection, sightings).on_conflict_do_nothing(), ordered)
