"""Deleting items, within a transaction that is already under way; some at a time, so nobody waits long."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database import alerts_rows, page_rows
from wiredesk.database.item_rows import author_key
from wiredesk.database.statements import in_batches, padded
from wiredesk.database.tables import aliases, item_authors, item_events, items, sightings
from wiredesk.text import hosts

AT_ONCE = 500


class _Collected(msgspec.Struct):
    entry: str = ""  # of an article


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureRequest:
    """What is to be erased: items by id, source (case-folded) or author's name."""

    ids: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    authors: frozenset[str] = frozenset()


async def erase(connection: AsyncConnection, request: ErasureRequest) -> int:
    """Delete a batch of the requested items, an article's comments before it; how many, 0 when none is left."""
    ids = await _first_ids(connection, request)
    comments = select(items.c.id).where(items.c.article_id.in_(padded(ids or [""]))).limit(AT_ONCE)
    theirs = (await connection.execute(comments)).scalars().all()
    going = sorted({*theirs} if len(theirs) == AT_ONCE else {*theirs, *ids})
    entries = await _entries(connection, going)
    await _delete(connection, going)
    await alerts_rows.erase(connection, going)
    await page_rows.remove_of(connection, entries=entries, articles=going)
    return len(going)


async def _entries(connection: AsyncConnection, ids: Sequence[str]) -> set[str]:
    """The entries that led to these items: their pages are still remembered, the entry's text and all."""
    events = await connection.execute(select(item_events.c.event).where(item_events.c.id.in_(padded(ids))))
    return {msgspec.json.decode(event, type=_Collected).entry for event in events.scalars()} - {""}


def _source_forms(sources: Collection[str]) -> frozenset[str]:
    return frozenset(form for source in sources for form in hosts.forms(source))


async def _first_ids(connection: AsyncConnection, request: ErasureRequest) -> list[str]:
    by_author = item_authors.c.author
    for values, statement, column in (
        (request.ids, select(items.c.id), items.c.id),
        (request.ids, select(items.c.id), items.c.article_id),
        (_source_forms(request.sources), select(items.c.id), items.c.source),
        ({author_key(author) for author in request.authors}, select(item_authors.c.item_id), by_author),
    ):
        for batch in in_batches(sorted(values)):
            ids = (await connection.execute(statement.where(column.in_(padded(batch))).limit(AT_ONCE))).scalars().all()
            if ids:
                return list(ids)
    return []


async def erase_traces(connection: AsyncConnection, ids: Sequence[str]) -> None:
    """Delete what tells of these items, stored or not, without being one: copies seen, aliases, alerts, pages."""
    named = padded(ids)
    await connection.execute(
        delete(sightings).where(or_(sightings.c.item_id.in_(named), sightings.c.copy_id.in_(named)))
    )
    await connection.execute(delete(aliases).where(aliases.c.article_id.in_(named)))
    await alerts_rows.erase(connection, ids)
    await page_rows.remove_of(connection, entries=(), articles=ids)


async def erase_copies(connection: AsyncConnection, sources: Collection[str]) -> int:
    """Delete some of the copies seen at `sources`, and what tells of them; how many."""
    theirs = sightings.c.source.in_(padded(sorted(sources)))
    copies = sorted(set((await connection.execute(select(sightings.c.copy_id).where(theirs).limit(AT_ONCE))).scalars()))
    if copies:
        await connection.execute(delete(sightings).where(theirs, sightings.c.copy_id.in_(padded(copies))))
        await alerts_rows.erase(connection, copies)
        await page_rows.remove_of(connection, entries=(), articles=copies)
    return len(copies)


async def expire(connection: AsyncConnection, *, before: datetime) -> int:
    """Delete some of the items collected before; how many."""
    old = select(items.c.id).where(items.c.collected < before).order_by(items.c.collected).limit(AT_ONCE)
    going = sorted((await connection.execute(old)).scalars())
    await _delete(connection, going)
    return len(going)


async def expire_traces(connection: AsyncConnection, *, before: datetime) -> int:
    """Delete some of the sightings and aliases from before whose item is not stored; how many."""
    seen, pinned = sightings.c, aliases.c
    no_item = ~exists().where(items.c.id == seen.item_id)
    copies = select(seen.item_id).where(seen.seen_at < before, no_item).limit(AT_ONCE)
    gone = sorted(set((await connection.execute(copies)).scalars()))
    no_article = ~exists().where(items.c.id == pinned.article_id)
    urls = select(pinned.url).where(pinned.pinned_at < before, no_article).limit(AT_ONCE)
    unpinned = sorted((await connection.execute(urls)).scalars())
    if gone:
        await connection.execute(delete(sightings).where(seen.item_id.in_(padded(gone)), seen.seen_at < before))
    if unpinned:
        await connection.execute(delete(aliases).where(pinned.url.in_(padded(unpinned))))
    return len(gone) + len(unpinned)


async def _delete(connection: AsyncConnection, ids: Sequence[str]) -> None:
    if not ids:
        return
    named = padded(ids)
    held = select(item_events.c.id).where(item_events.c.id.in_(named)).order_by(item_events.c.id).with_for_update()
    await connection.execute(held)
    await connection.execute(delete(item_events).where(item_events.c.id.in_(named)))
    await connection.execute(delete(sightings).where(sightings.c.item_id.in_(named)))
    await connection.execute(delete(aliases).where(aliases.c.article_id.in_(named)))
