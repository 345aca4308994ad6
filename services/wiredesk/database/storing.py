"""Writing items, within a transaction that is already under way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database.item_rows import Copy, Prepared, newest, source_of
from wiredesk.database.statements import insert_into, padded
from wiredesk.database.tables import counters, item_authors, item_events, item_regions, items, sightings

SEQUENCE = "items"
"""Name of the counter behind `seq`."""

_REPLACED = ("collected", "processed", "likeness", "event", "words")
_LIGHT = ("seq", "kind", "source", "language", "article_id", "story", "likeness", "collected", "stored_at")


async def store(connection: AsyncConnection, prepared: Sequence[Prepared], *, now: datetime) -> dict[str, Prepared]:
    """Write the newest version of each; by id, those that are new or changed."""
    best = newest(prepared)
    ids = sorted(best)  # everybody in the same order, so nobody deadlocks
    await _write_heavy(connection, [best[item_id] for item_id in ids])
    changed = await _changed(connection, best, ids)
    if changed:
        await _write_marks(connection, changed)
        await _write_light(connection, changed, now=now)
    return {item.id: item for item in changed}


async def _write_heavy(connection: AsyncConnection, best: Sequence[Prepared]) -> None:
    """Write each unless what is there is as new; either way its row is ours until the transaction ends."""
    insert = insert_into(connection, item_events)
    there, new = item_events.c, insert.excluded
    is_newer = or_(
        there.collected < new.collected,
        (there.collected == new.collected) & (there.processed < new.processed),
    )
    statement = insert.on_conflict_do_update(
        index_elements=["id"], set_={name: new[name] for name in _REPLACED}, where=is_newer
    )
    await connection.execute(statement, [item.heavy for item in best])


async def _changed(connection: AsyncConnection, best: dict[str, Prepared], ids: Sequence[str]) -> list[Prepared]:
    """Those whose heavy half is ours now, while the light half still tells of something else, or of nothing."""
    heavy = item_events.c
    columns = (heavy.id, heavy.collected, heavy.processed, heavy.likeness, items.c.likeness.label("known"))
    found = await connection.execute(
        select(*columns).outerjoin_from(item_events, items, items.c.id == heavy.id).where(heavy.id.in_(padded(ids)))
    )
    changed = []
    for item_id, collected, processed, likeness, known in found:
        item = best[item_id]
        if (collected, processed, likeness) == (*item.rank, item.likeness) and known != likeness:
            changed.append(item)
    return sorted(changed, key=lambda item: item.id)


async def _write_marks(connection: AsyncConnection, changed: Sequence[Prepared]) -> None:
    ids = padded([item.id for item in changed])
    regions = [{"item_id": item.id, "code": code} for item in changed for code in item.regions]
    authors = [{"item_id": item.id, "author": author} for item in changed for author in item.authors]
    for table, rows in ((item_regions, regions), (item_authors, authors)):
        await connection.execute(delete(table).where(table.c.item_id.in_(ids)))
        if rows:
            await connection.execute(insert_into(connection, table), rows)


async def _write_light(connection: AsyncConnection, changed: Sequence[Prepared], *, now: datetime) -> None:
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
    statement = insert.on_conflict_do_update(
        index_elements=["id"], set_={name: insert.excluded[name] for name in _LIGHT}
    )
    rows = [{**item.light, "seq": seq, "stored_at": now} for seq, item in enumerate(changed, start=first)]
    await connection.execute(statement, rows)


async def note_copies(connection: AsyncConnection, copies: Sequence[Copy], *, now: datetime) -> None:
    """Write where copies were seen; what is there is left."""
    rows = {
        (copy.verdict.of, copy.id): {
            "item_id": copy.verdict.of, "copy_id": copy.id, "url": copy.url, "source": source_of(copy),
            "seen_at": copy.times.collected or now,
        }
        for copy in copies if copy.verdict.of
    }  # fmt: skip
    if rows:
        ordered = [rows[key] for key in sorted(rows)]
        await connection.execute(insert_into(connection, sightings).on_conflict_do_nothing(), ordered)
