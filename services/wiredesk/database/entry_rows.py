"""The entries that feeds have shown, changed within a transaction that is already under way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from sqlalchemy import and_, bindparam, delete, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database.statements import earlier_by, in_batches, insert_into, padded
from wiredesk.database.tables import feed_entries, feeds

Pair: TypeAlias = tuple[str, str]
"""An entry's id and revision."""

MAX_RETURNS = 3

NOTED_WITHIN = timedelta(days=1)
"""An entry that is still listed is noted as shown so often at least; not at each poll."""

_FORGOTTEN_AT_ONCE = 5_000


async def fresh(connection: AsyncConnection, feed: str, entries: Sequence[Pair]) -> dict[Pair, datetime | None]:
    """Which pairs of entry id and revision are not what the feed showed of that entry last.

    Each with when it was shown before, None where it never was: a text that goes back to an earlier one is news as well.
    One that has done so `MAX_RETURNS` times is known for good: its feed has servers that do not agree.
    """
    rows: dict[Pair, tuple[datetime, int]] = {}
    table = feed_entries.c
    columns = (table.entry, table.revision, table.seen_at, table.returns)
    for batch in in_batches(sorted({entry for entry, _ in entries})):
        mine = and_(table.feed == feed, table.entry.in_(padded(batch)))
        for entry, revision, seen_at, returns in await connection.execute(select(*columns).where(mine)):
            rows[entry, revision] = seen_at, returns
    last: dict[str, datetime] = {}
    for (entry, _), (seen_at, _) in rows.items():
        last[entry] = max(seen_at, last.get(entry, seen_at))
    new: dict[Pair, datetime | None] = {pair: None for pair in entries if pair not in rows}
    returned = {
        pair: rows[pair][0]
        for pair in entries
        if pair in rows and rows[pair][0] < last[pair[0]] and rows[pair][1] < MAX_RETURNS
    }
    return new | returned


@dataclass(frozen=True, slots=True, kw_only=True)
class EntriesShown:
    """Pairs of entry id and revision that a feed showed, of which `returned` came back."""

    feed: str
    entries: Sequence[Pair]
    returned: Collection[Pair] = ()
    seen_at: datetime


async def remember(connection: AsyncConnection, shown: Iterable[EntriesShown]) -> None:
    """Note what feeds showed."""
    rows = [
        {
            "feed": look.feed,
            "entry": entry,
            "revision": revision,
            "seen_at": look.seen_at,
            "returns": int((entry, revision) in look.returned),
        }
        for look in shown
        for entry, revision in sorted(set(look.entries))
    ]
    if not rows:
        return
    insert = insert_into(connection, feed_entries)
    statement = insert.on_conflict_do_update(
        index_elements=["feed", "entry", "revision"],
        set_={"seen_at": insert.excluded.seen_at, "returns": feed_entries.c.returns + insert.excluded.returns},
        where=feed_entries.c.seen_at < insert.excluded.seen_at,
    )
    await connection.execute(statement, rows)


async def forget(connection: AsyncConnection, *, before: datetime) -> int:
    """Delete some of the entries last shown before that their feed's newest document did not list; how many."""
    listed_at = earlier_by(connection, feeds.c.listed_at, NOTED_WITHIN)
    still_listed = exists().where(feeds.c.url == feed_entries.c.feed, listed_at <= feed_entries.c.seen_at)
    old = select(feed_entries).where(feed_entries.c.seen_at < before, ~still_listed).limit(_FORGOTTEN_AT_ONCE)
    rows = (await connection.execute(old)).all()
    mine = and_(*(column == bindparam(f"the_{column.name}", type_=column.type) for column in feed_entries.c))
    if rows:
        parameters = [{f"the_{name}": value for name, value in row._mapping.items()} for row in rows]
        await connection.execute(delete(feed_entries).where(mine), parameters)
    return len(rows)
