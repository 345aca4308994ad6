"""Deletes old items, alerts, forgotten entries and pages, every hour."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import anyio

from wiredesk.database import Database
from wiredesk.observe import Health, log
from wiredesk.retry import patiently
from wiredesk.stop import Stop

_log = log(__name__)

EVERY = timedelta(hours=1)
ENTRIES_KEPT = timedelta(days=60)
"""An entry that left its feed's document this long ago may come again as new."""


class Upkeep:
    """`keep_days` 0 keeps all items and alerts."""

    def __init__(self, database: Database, *, keep_days: int, health: Health, now: Callable[[], datetime]) -> None:
        self._database, self._keep_days, self._health, self._now = database, keep_days, health, now

    async def run(self, stop: Stop) -> None:
        """Until `stop` is asked for."""
        while not stop.asked:
            await patiently(self.once, health=self._health)
            await stop.unless(anyio.sleep(EVERY.total_seconds()))

    async def once(self) -> None:
        """Delete what is too old now."""
        now = self._now()
        items = alerts = 0
        if self._keep_days:
            oldest = now - timedelta(days=self._keep_days)
            items = await self._database.items.expire(before=oldest)
            # They hold the items' text, so they are kept no longer.
            alerts = await self._database.alerts.forget(before=oldest)
        entries = await self._database.feeds.forget_entries(before=now - ENTRIES_KEPT)
        pages = await self._database.pages.forget(before=now)
        _log.info("store.tidied", items=items, alerts=alerts, entries=entries, pages=pages)
