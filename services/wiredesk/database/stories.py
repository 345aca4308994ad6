"""Stories, computed from the stored items: their sources, first and last times, and regions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import Row, case, func, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database.statements import padded
from wiredesk.database.tables import item_events, items, sightings
from wiredesk.database.transactions import Transactions
from wiredesk.events import Article, Region, Time, decode

MAX_LIMIT = 1_000


class StoredStory(msgspec.Struct, frozen=True, kw_only=True):
    """A story; `original` is the article that founded it, or the earliest stored where that one is not.

    `sources` and `items` count articles and the copies seen of them; `seq` is that of the article stored last.
    """

    id: str
    seq: int
    original: str
    title: str
    regions: tuple[Region, ...]
    sources: int
    items: int
    first_seen: Time
    last_seen: Time


class Stories:
    """The stories; read only, as all of it follows from the items."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def latest(self, *, before_seq: int | None = None, limit: int) -> Sequence[StoredStory]:
        """The stories, the one that an article joined last first; go on with the last one's `seq` as `before_seq`."""
        later = items.alias("later")
        is_latest = ~select(later.c.id).where(later.c.story == items.c.story, later.c.seq > items.c.seq).exists()
        # Down the sequence until enough are found: grouping by story would read every article there is.
        statement = select(items.c.story).where(items.c.story.is_not(None), is_latest).order_by(items.c.seq.desc())
        if before_seq is not None:
            statement = statement.where(items.c.seq < before_seq)

        async def work(connection: AsyncConnection) -> Sequence[StoredStory]:
            ids = (await connection.execute(statement.limit(min(limit, MAX_LIMIT)))).scalars().all()
            by_id = await _load(connection, [story for story in ids if story is not None])
            stories = [by_id[story] for story in ids if story in by_id]
            if before_seq is not None:  # one that an article joined meanwhile belongs to the pages before
                stories = [story for story in stories if story.seq < before_seq]
            return sorted(stories, key=lambda story: -story.seq)

        return await self._transactions.read(work)

    async def get(self, story_id: str) -> StoredStory | None:
        """One story."""

        async def work(connection: AsyncConnection) -> StoredStory | None:
            return (await _load(connection, [story_id])).get(story_id)

        return await self._transactions.read(work)


async def _load(connection: AsyncConnection, ids: Sequence[str]) -> Mapping[str, StoredStory]:
    if not ids:
        return {}
    originals = await _originals(connection, ids)
    copies = await _copies(connection, ids)
    sources = await _sources(connection, ids)
    return {
        row.story: _story(row, originals[row.story], copies.get(row.story), sources=sources.get(row.story, 1))
        for row in await _articles(connection, ids)
        if row.story in originals  # deleted between two of these statements
    }


def _story(
    row: Row[tuple[object, ...]], original: Article, copies: Row[tuple[object, ...]] | None, *, sources: int
) -> StoredStory:
    seen = [row.first, row.last, *((copies.first, copies.last) if copies else ())]
    return StoredStory(
        id=row.story,
        seq=row.seq,
        original=original.id,
        title=original.title,
        regions=original.regions,
        sources=sources,
        items=row.number + (copies.number if copies else 0),
        first_seen=min(seen),
        last_seen=max(seen),
    )


async def _articles(connection: AsyncConnection, ids: Sequence[str]) -> Sequence[Row[tuple[object, ...]]]:
    article = items.c
    columns = (
        article.story,
        func.max(article.seq).label("seq"),
        func.count().label("number"),
        func.min(article.first_seen).label("first"),
        func.max(article.collected).label("last"),
    )
    return (
        await connection.execute(select(*columns).where(article.story.in_(padded(ids))).group_by(article.story))
    ).all()


async def _copies(connection: AsyncConnection, ids: Sequence[str]) -> Mapping[str, Row[tuple[object, ...]]]:
    copy = sightings.c
    columns = (
        items.c.story,
        func.count().label("number"),
        func.min(copy.first_seen).label("first"),
        func.max(copy.seen_at).label("last"),
    )
    joined = select(*columns).join_from(items, sightings, copy.item_id == items.c.id)
    # A copy that was revised later is an item of its own, and counted there.
    own = items.alias("own")
    is_copy_still = ~select(own.c.id).where(own.c.id == copy.copy_id).exists()
    theirs = joined.where(items.c.story.in_(padded(ids)), is_copy_still)
    return {row.story: row for row in await connection.execute(theirs.group_by(items.c.story))}


async def _sources(connection: AsyncConnection, ids: Sequence[str]) -> Mapping[str, int]:
    theirs = items.c.story.in_(padded(ids))
    own = select(items.c.story, items.c.source).where(theirs)
    seen = select(items.c.story, sightings.c.source).join_from(items, sightings, sightings.c.item_id == items.c.id)
    pairs = union(own, seen.where(theirs)).subquery()  # a union holds each pair once
    rows = await connection.execute(select(pairs.c.story, func.count()).group_by(pairs.c.story))
    return {story: number for story, number in rows}


async def _originals(connection: AsyncConnection, ids: Sequence[str]) -> Mapping[str, Article]:
    is_founder = case((items.c.id == items.c.story, 0), else_=1)
    place = func.row_number().over(partition_by=items.c.story, order_by=(is_founder, items.c.first_seen, items.c.id))
    ranked = select(items.c.id, items.c.story, place.label("place")).where(items.c.story.in_(padded(ids))).subquery()
    rows = await connection.execute(
        select(ranked.c.story, item_events.c.event)
        .join_from(ranked, item_events, item_events.c.id == ranked.c.id)
        .where(ranked.c.place == 1)
    )
    return {story: _article(event) for story, event in rows}


def _article(event: str) -> Article:
    article = decode(event.encode(), type_name=Article.type_name)
    assert isinstance(article, Article)
    return article
