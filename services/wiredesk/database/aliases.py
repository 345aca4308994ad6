"""The article that each URL belongs to: pinned when the URL is first seen, and never changed."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database.coalesce import Coalesced
from wiredesk.database.statements import BATCH, in_batches, insert_into, padded
from wiredesk.database.tables import aliases
from wiredesk.database.transactions import Transactions
from wiredesk.events import digest

Known: TypeAlias = Sequence[str]
"""An item's URLs, in order of preference."""

LOCKS = 256
"""Advisory locks to hash URLs to: calls for the same URL take turns, those for different URLs rarely meet."""

_ITEMS_TOGETHER = 100


class Aliases:
    """Article ids by URL. URLs are stored as digests: shorter, and no trace of what was erased."""

    def __init__(
        self, transactions: Transactions, *, schema: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._transactions, self._schema, self._now = transactions, schema, now
        self._settle = Coalesced(self._settle_calls, at_most=_ITEMS_TOGETHER)

    async def settle(self, known_as: Sequence[Known]) -> Sequence[str]:
        """The article id of each item, whose URLs (never none) come in order of preference.

        It is the id that the first known one of them has, else a digest of the first. Afterwards each
        URL is pinned to an id, and one that was pinned keeps its own. Two who settle at once agree.
        """
        return await self._settle(known_as)

    async def _settle_calls(self, calls: Sequence[Sequence[Known]]) -> Sequence[Sequence[str]]:
        ids = [
            article_id
            for batch in in_batches([known for call in calls for known in call], _ITEMS_TOGETHER)
            for article_id in await self._settle_batch(batch)
        ]
        remaining_ids = iter(ids)
        return [[next(remaining_ids) for _ in call] for call in calls]

    async def _settle_batch(self, known_as: Sequence[Known]) -> Sequence[str]:
        keys = [[digest("url", url) for url in known] for known in known_as]
        every = sorted({key for of_item in keys for key in of_item})
        pinned = await self._transactions.read(lambda connection: _pinned(connection, every))
        if len(pinned) == len(every):  # seen before, all of it: nobody needs to wait for anybody
            return [pinned[of_item[0]] for of_item in keys]

        async def work(connection: AsyncConnection) -> Sequence[str]:
            await self._hold(connection, every)
            # Read again under the locks: another replica may have pinned some of them since.
            already_pinned = await _pinned(connection, every)
            ids, fresh = assign(known_as, keys, already_pinned)
            rows = [{"url": key, "article_id": fresh[key], "pinned_at": self._now()} for key in sorted(fresh)]
            if rows:
                await connection.execute(insert_into(connection, aliases), rows)
            return ids

        return await self._transactions.write(work)

    async def _hold(self, connection: AsyncConnection, keys: Sequence[str]) -> None:
        """Lock out other calls for any of `keys` until the transaction ends; SQLite has one writer anyway."""
        if self._transactions.dialect == "sqlite":
            return
        space = zlib.crc32(f"wiredesk {self._schema} aliases".encode()) - 2**31
        locks = sorted({int(key[:8], 16) % LOCKS for key in keys})
        held = text("SELECT count(pg_advisory_xact_lock(:space, lock)) FROM unnest(CAST(:locks AS integer[])) AS lock")
        await connection.execute(held, {"space": space, "locks": locks})


def assign(
    known_as: Sequence[Known], keys: Sequence[Sequence[str]], pinned: dict[str, str]
) -> tuple[list[str], dict[str, str]]:
    """Each item's id, and what is to be pinned, given what is: earlier items of the batch count as pinned."""
    all_pinned, fresh, ids = dict(pinned), dict[str, str](), list[str]()
    for urls, of_item in zip(known_as, keys, strict=True):
        article_id = next((all_pinned[key] for key in of_item if key in all_pinned), None) or digest("article", urls[0])
        ids.append(article_id)
        for key in of_item:
            if key not in all_pinned:
                all_pinned[key] = fresh[key] = article_id
    return ids, fresh


async def _pinned(connection: AsyncConnection, keys: Sequence[str]) -> dict[str, str]:
    ids_by_key: dict[str, str] = {}
    for batch in in_batches(keys, BATCH):
        condition = aliases.c.url.in_(padded(batch))
        rows = await connection.execute(select(aliases.c.url, aliases.c.article_id).where(condition))
        ids_by_key.update((url, article_id) for url, article_id in rows)
    return ids_by_key
