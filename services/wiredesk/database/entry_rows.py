"""The entries that feeds have shown, changed within a transaction that is already under way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, bindparam, delete, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database.statements import in_batches, insert_into, padded
from wiredesk.database.tables import feed_entries, feeds

_FORGOTTEN_AT_ONCE = 5_000


async def unseen(connection: AsyncConnection, feed: str, entries: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which pairs of entry id and revision are not known, or were followed by another revision since.

    An entry that goes back to what it said before is news once more: whoever reads on would stay at what came between.
    """
    known: dict[tuple[str, str], datetime] = {}
    newest: dict[str, datetime] = {}
    table = feed_entries.c
    for batch in in_batches(sorted({entry for entry, _ in entries})):
        mine = and_(table.feed == feed, table.entry.in_(padded(batch)))
        for entry, revision, seen_at in await connection.execute(
            select(table.entry, table.revision, table.seen_at).where(mine)
        ):
            known[entry, revision] = seen_at
            newest[entry] = max(seen_at, newest.get(entry, seen_at))
    return {pair for pair in entries if pair not in known or known[pair] < newest[pair[0]]}


async def remember(
    connection: AsyncConnection, feed: str, entries: Sequence[tuple[str, str]], *, seen_at: datetime
) -> None:
    """Note that `feed` showed these pairs of entry id and revision at `seen_at`."""
    if not entries:
        return
    insert = insert_into(connection, feed_entries)
    statement = insert.on_conflict_do_update(
        index_elements=["feed", "entry", "revision"],
        set_={"seen_at": insert.excluded.seen_at},
        where=feed_entries.c.seen_at < insert.excluded.seen_at,
    )
    rows = [
        {"feed": feed, "entry": entry, "revision": revision, "seen_at": seen_at}
        for entry, revision in sorted(set(entries))
    ]
    await connection.execute(statement, rows)


async def forget(connection: AsyncConnection, *, before: datetime) -> int:
    """Delete some of the entries last shown before that their feed's newest document did not list; how many."""
    still_listed = exists().where(feeds.c.url == feed_entries.c.feed, feeds.c.listed_at <= feed_entries.c.seen_at)
    old = select(feed_entries).where(feed_entries.c.seen_at < before, ~still_listed).limit(_FORGOTTEN_AT_ONCE)
    rows = (await connection.execute(old)).all()
    mine = and_(*(column == bindparam(f"the_{column.name}", type_=column.type) for column in feed_entries.c))
    if rows:
        found = [{f"the_{name}": value for name, value in row._mapping.items()} for row in rows]
        await connection.execute(delete(feed_entries).where(mine), found)
    return len(rows)
