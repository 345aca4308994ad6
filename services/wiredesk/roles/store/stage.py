"""Writes unique articles and comments to the database, and the sightings of copies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from wiredesk.database import Database
from wiredesk.events import Article, Comment, Judged
from wiredesk.fates import Dropped, Fate, Passed, Received

STORED = Passed(reason="stored")
OLDER = Dropped(reason="older")
COPY = Passed(reason="duplicate")


class Store:
    """Idempotent: what is there already is left, and an older collection never overwrites a newer one."""

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    async def __call__(self, received: Sequence[Received[Judged]]) -> Sequence[Fate]:
        """Store each item, unless a newer version is stored; note a copy with its original."""
        values = [item.value for item in received]
        copies = [value for value in values if not isinstance(value, Article | Comment)]
        # What was noted as a copy stays one, though dedupe may have lost its memory since.
        noted = await self._database.items.already_copies([value for value in values if isinstance(value, Article)])
        items = [value for value in values if isinstance(value, Article | Comment) and value.id not in noted]
        now = self._now()
        stored = iter(await self._database.items.put(items, now=now) if items else ())
        if copies:
            await self._database.items.add_sightings(copies, now=now)
        return [
            (STORED if next(stored) else OLDER)
            if isinstance(value, Article | Comment) and value.id not in noted
            else COPY
            for value in values
        ]
