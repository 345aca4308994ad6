"""The pages table: what is remembered of each page; due rows name pages by key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database import page_rows
from wiredesk.database.coalesce import Coalesced
from wiredesk.database.due_rows import Job
from wiredesk.database.page_rows import COMMENTS, KINDS, PAGE, THREAD, PageNote, PageRow
from wiredesk.database.statements import BATCH, in_batches, padded
from wiredesk.database.tables import pages
from wiredesk.database.transactions import Transactions

__all__ = ["COMMENTS", "KINDS", "PAGE", "THREAD", "PageNote", "PageRow", "Pages"]


class _EntryLinks(msgspec.Struct):
    url: str = ""
    comments_feed: str | None = None


class Pages:
    """A page is remembered while a due row names it, and until `forgotten_after` when none does any more."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        # Apart by kind: a transaction that held rows of several kinds in turn might wait for one that does it the other way.
        self._settle = {kind: Coalesced(_Settler(transactions, kind), at_most=BATCH) for kind in KINDS}

    async def queue(self, page_jobs: Sequence[tuple[PageRow, Job]], *, memory: timedelta) -> int:
        """Make pages due, each with its job of kind `page`; how many were.

        One that is due already is left alone, as is one that was had within `memory` and not edited since.
        """
        queued = 0
        for batch in in_batches(list({page.key: (page, job) for page, job in page_jobs}.items())):
            queued += await self._transactions.write(
                lambda connection, batch=batch: page_rows.queue(connection, dict(batch), memory=memory)  # type: ignore[misc]
            )
        return queued

    async def get(self, key: str) -> PageRow | None:
        """One page; None where it was erased."""
        return await self._transactions.read(lambda connection: page_rows.get(connection, key))

    async def noted(self, note: PageNote) -> bool:
        """Carry out `note`, all in one. False, and nothing changed, where the lease of its job was lost.

        Calls that come together share one commit.
        """
        return await self._settle[note.outcome.job.kind](note)

    async def is_watched(self, article_id: str, *, but: str) -> bool:
        """Whether another page than `but` of that article is looked at again already."""
        return await self._transactions.read(lambda connection: page_rows.is_watched(connection, article_id, but=but))

    async def captures_of(self, article_id: str) -> bytes:
        """What was published of the page of that article that was looked at last; empty where none was."""
        return await self._transactions.read(lambda connection: page_rows.captures_of(connection, article_id))

    async def addresses(self, kind: str, keys: Sequence[str]) -> Mapping[str, str]:
        """The URLs that due rows of `kind` ask for, by key."""
        urls: dict[str, str] = {}

        async def work(connection: AsyncConnection) -> None:
            for batch in in_batches(keys):
                mine = select(pages.c.key, pages.c.entry).where(pages.c.key.in_(padded(batch)))
                for key, entry in await connection.execute(mine):
                    urls[key] = _address(kind, entry)

        await self._transactions.read(work)
        return urls

    async def forget(self, *, before: datetime) -> int:
        """Delete pages whose `forgotten_after` is past; how many."""
        forgotten = 0
        while batch := await self._transactions.write(lambda c: page_rows.forget(c, before=before)):
            forgotten += batch
        return forgotten


class _Settler:
    """Notes on due rows of one kind, in one transaction; of two for one row the first counts."""

    def __init__(self, transactions: Transactions, kind: str) -> None:
        self._transactions, self._kind = transactions, kind

    async def __call__(self, notes: Sequence[PageNote]) -> Sequence[bool]:
        first: dict[str, PageNote] = {}
        for note in notes:
            first.setdefault(note.outcome.job.key, note)
        held = await self._transactions.write(lambda c: page_rows.settle(c, self._kind, first))
        return [note.outcome.job.key in held and first[note.outcome.job.key] is note for note in notes]


def _address(kind: str, entry: bytes) -> str:
    try:
        links = msgspec.json.decode(entry, type=_EntryLinks)
    except msgspec.MsgspecError:  # of another version; whoever works on it will say so
        return ""
    return (links.comments_feed if kind == COMMENTS else links.url) or ""
