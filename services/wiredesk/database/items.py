"""The stored articles and comments, searchable, in one public sequence.

An item has a body row (event, indexed words), written first, and an index row with its `seq`, written last under
the commit lock, which is the row of `counters` that counts `seq` up. Writers work side by side and wait for each
other only at the end. A reader that goes by `seq` never passes over an item that is not committed yet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database import erasing, item_writes, search_ids
from wiredesk.database.changes import Changes
from wiredesk.database.erase_mentions import alerted
from wiredesk.database.item_rows import COMMENT, Copy, Item, Prepared, Sighting, StoredItem, author_key, prepare, stored
from wiredesk.database.item_writes import SEQUENCE
from wiredesk.database.search import MAX_LIMIT, ItemPage, ItemQuery
from wiredesk.database.statements import in_batches, padded
from wiredesk.database.tables import counters, item_events, item_regions, items, sightings
from wiredesk.database.transactions import Transactions
from wiredesk.events import Article, Region, decode
from wiredesk.query.regions import region_key

__all__ = ["Item", "ItemPage", "ItemQuery", "Items", "Sighting", "StoredItem"]

_BATCH = 200
"""Items in one transaction."""


class Items:
    """The items. Storing is idempotent: the version collected last wins, in whatever order versions come."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self.changes: Changes | None = None
        """Announces stored items, while somebody listens."""

    async def put(self, items: Sequence[Item], *, now: datetime) -> Sequence[bool]:
        """Store what is new or changed, each under a new `seq`; True for those.

        False for what is older than what is stored, and for what is stored already: a version that differs in its
        times only moves them on, and keeps its `seq`.
        """
        changed: list[bool] = []
        for batch in in_batches(items, _BATCH):
            prepared = await asyncio.to_thread(self._prepare, batch)
            written = await self._transactions.write(
                lambda connection, prepared=prepared: item_writes.store(connection, prepared, now=now)  # type: ignore[misc]
            )
            changed += [row is written.get(row.id) for row in prepared]
        return changed

    def _prepare(self, batch: Sequence[Item]) -> list[Prepared]:
        return [prepare(item, dialect=self._transactions.dialect) for item in batch]

    async def add_sightings(self, copies: Sequence[Copy], *, now: datetime) -> None:
        """Note where copies were seen, with the item that `verdict.of` names; it may be stored later, or never."""
        for batch in in_batches(copies):
            await self._transactions.write(
                lambda connection, batch=batch: item_writes.note_copies(connection, batch, now=now)  # type: ignore[misc]
            )

    async def get(self, item_id: str) -> StoredItem | None:
        """One item."""
        rows = await self._read(_rows().where(items.c.id == item_id))
        return rows[0] if rows else None

    async def original_of(self, copy_id: str) -> str | None:
        """The item that a copy of this id was seen of; it need not be stored."""
        seen = select(sightings.c.item_id).where(sightings.c.copy_id == copy_id).order_by(sightings.c.seen_at).limit(1)
        return await self._transactions.read(lambda connection: connection.scalar(seen))

    async def already_copies(self, articles: Sequence[Article]) -> frozenset[str]:
        """The ids of those that were judged once before, when collected at that same instant, and were copies then.

        Only a memory that was lost judges them otherwise.
        """
        collected = {article.id: article.times.collected for article in articles if article.verdict.kind == "new"}

        async def work(connection: AsyncConnection) -> frozenset[str]:
            copies: set[str] = set()
            for batch in in_batches(sorted(collected)):
                seen = select(sightings.c.copy_id, sightings.c.seen_at).where(sightings.c.copy_id.in_(padded(batch)))
                copies |= {copy for copy, at in await connection.execute(seen) if at == collected[copy]}
            return frozenset(copies)

        return await self._transactions.read(work) if collected else frozenset()

    async def search(self, query: ItemQuery) -> Sequence[StoredItem]:
        """What `query` looks for, the newest `seq` first; go on with the last one's as `before_seq`.

        With `oldest_first` the other way round: go on with `after_seq`.
        """

        async def work(connection: AsyncConnection) -> Sequence[StoredItem]:
            seqs = await search_ids.page_of(connection, query, limit=min(query.limit, MAX_LIMIT))
            order = items.c.seq.asc() if query.oldest_first else items.c.seq.desc()
            return await _stored(connection, _rows().where(items.c.seq.in_(seqs)).order_by(order))

        return await self._transactions.read(work)

    async def page(self, query: ItemQuery, *, max_bytes: int) -> ItemPage:
        """As `search`, and whether there is more: beyond `query.limit`, or beyond `max_bytes` of events.

        One item always comes, however large.
        """

        async def work(connection: AsyncConnection) -> ItemPage:
            limit = min(query.limit, MAX_LIMIT)
            seqs = await search_ids.page_of(connection, query, limit=limit + 1)
            sized = search_ids.sized(connection, seqs, query).subquery()
            rows = _rows().add_columns(sized.c.total).join(sized, items.c.seq == sized.c.seq)
            fitting = (sized.c.place <= limit) & ((sized.c.size <= max_bytes) | (sized.c.place == 1))
            order = items.c.seq.asc() if query.oldest_first else items.c.seq.desc()
            found = (await connection.execute(rows.where(fitting).order_by(order))).all()
            return ItemPage(
                items=await _completed(connection, found), goes_on=bool(found) and found[0].total > len(found)
            )

        return await self._transactions.read(work)

    async def after(self, seq: int, *, limit: int) -> Sequence[StoredItem]:
        """The items stored after `seq`, oldest first."""
        return await self._read(_rows().where(items.c.seq > seq).order_by(items.c.seq).limit(min(limit, MAX_LIMIT)))

    async def regions_of(self, article_ids: Sequence[str]) -> Mapping[str, tuple[Region, ...]]:
        """The regions in focus of the stored ones of these articles, by id."""
        regions: dict[str, tuple[Region, ...]] = {}

        async def work(connection: AsyncConnection) -> None:
            for batch in in_batches(article_ids):
                statement = select(item_events.c.event).where(item_events.c.id.in_(padded(list(batch))))
                for event in (await connection.execute(statement)).scalars():
                    article = decode(event.encode(), type_name=Article.type_name)
                    assert isinstance(article, Article)
                    regions[article.id] = article.regions

        await self._transactions.read(work)
        return regions

    async def head(self) -> int:
        """The newest `seq`; 0 before the first item."""

        async def work(connection: AsyncConnection) -> int:
            return int(
                (await connection.execute(select(counters.c.value).where(counters.c.name == SEQUENCE))).scalar_one()
            )

        return await self._transactions.read(work)

    async def delete(
        self, *, ids: Collection[str] = (), sources: Collection[str] = (), authors: Collection[str] = ()
    ) -> int:
        """Erase items by id, source or author's name; how many, comments included.

        An article takes its comments along; sightings, aliases, indexed words, alerts and what is known of its page go too.
        """
        # Transactions of some hundred rows: while items are erased, everybody else still writes.
        folded = frozenset(source.casefold() for source in sources)
        request = erasing.ErasureRequest(ids=frozenset(ids), sources=folded, authors=frozenset(authors))
        erased = 0
        while batch := await self._transactions.write(lambda connection: erasing.erase(connection, request)):
            erased += batch
        if folded:
            while await self._transactions.write(lambda connection: erasing.erase_copies(connection, folded)):
                pass
        await self._erase_traces(sorted(request.ids))
        await self._erase_alerted(folded, frozenset(author_key(author) for author in authors))
        return erased

    async def _erase_traces(self, ids: Sequence[str]) -> None:
        for batch in in_batches(ids):
            await self._transactions.write(lambda connection, batch=batch: erasing.erase_traces(connection, batch))  # type: ignore[misc]

    async def _erase_alerted(self, sources: Collection[str], authors: Collection[str]) -> None:
        """Alerts of these sources and authors, though their items may not be stored any more."""
        after: str | None = "" if sources or authors else None
        while after is not None:
            items_told = await self._transactions.read(
                lambda connection, after=after: alerted(connection, after=after, sources=sources, authors=authors)  # type: ignore[misc]
            )
            await self._erase_traces(items_told.ids)
            after = items_told.last

    async def expire(self, *, before: datetime) -> int:
        """Delete items collected before, each with its sightings and aliases; how many."""
        expired = 0
        while batch := await self._transactions.write(lambda connection: erasing.expire(connection, before=before)):
            expired += batch
        while await self._transactions.write(lambda connection: erasing.expire_traces(connection, before=before)):
            pass
        return expired

    async def has_region(self, code: str) -> bool:
        """Whether any item has this region in focus."""
        statement = select(item_regions.c.code).where(item_regions.c.code == region_key(code)).limit(1)

        async def work(connection: AsyncConnection) -> bool:
            return (await connection.execute(statement)).first() is not None

        return await self._transactions.read(work)

    async def count(self) -> dict[str, int]:
        """How many items are stored, by kind."""

        async def work(connection: AsyncConnection) -> dict[str, int]:
            rows = await connection.execute(select(items.c.kind, func.count()).group_by(items.c.kind))
            return {kind: number for kind, number in rows}

        return await self._transactions.read(work)

    async def _read(
        self, statement: Select[tuple[int, str, datetime, datetime | None, str, str]]
    ) -> Sequence[StoredItem]:
        return await self._transactions.read(lambda connection: _stored(connection, statement))


def _rows() -> Select[tuple[int, str, datetime, datetime | None, str, str]]:
    columns = (items.c.seq, items.c.kind, items.c.stored_at, items.c.first_seen, items.c.id, item_events.c.event)
    return select(*columns).join_from(items, item_events, items.c.id == item_events.c.id)


async def _stored(
    connection: AsyncConnection, statement: Select[tuple[int, str, datetime, datetime | None, str, str]]
) -> Sequence[StoredItem]:
    return await _completed(connection, (await connection.execute(statement)).all())


async def _completed(connection: AsyncConnection, rows: Sequence[Row[Any]]) -> Sequence[StoredItem]:
    """The items of rows of `_rows`, with what stands in other tables."""
    ids = [row.id for row in rows]
    if not ids:
        return ()
    sources = await _sightings(connection, ids)
    comments = await _comments(connection, ids)
    return [stored(row, sources=sources.get(row.id, ()), comments=comments.get(row.id, 0)) for row in rows]


async def _sightings(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, list[Sighting]]:
    table = sightings.c
    rows = await connection.execute(
        select(sightings).where(table.item_id.in_(padded(ids))).order_by(table.seen_at, table.copy_id)
    )
    by_item: dict[str, list[Sighting]] = {}
    for row in rows:
        sighting = Sighting(id=row.copy_id, url=row.url, source=row.source, seen=row.seen_at)
        by_item.setdefault(row.item_id, []).append(sighting)
    return by_item


async def _comments(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, int]:
    theirs = items.c.article_id.in_(padded(ids))
    counted = select(items.c.article_id, func.count()).where(theirs, items.c.kind == COMMENT)
    return {article: number for article, number in await connection.execute(counted.group_by(items.c.article_id))}
