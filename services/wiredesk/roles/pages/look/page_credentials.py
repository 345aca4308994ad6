"""What pages are shown of their feed's credentials: nothing, unless the operator says so of that feed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from wiredesk.database.feeds import FeedCredentials
from wiredesk.outbound.credentials import Credentials
from wiredesk.roles.credentials import fetched

FRESH_FOR = timedelta(seconds=30)
"""How long what the database said holds: pages are many, and such feeds are few and change rarely."""

Load = Callable[[], Awaitable[Mapping[str, FeedCredentials]]]


class PageCredentials:
    """The credentials of feeds whose pages are shown them."""

    def __init__(self, load: Load, *, environ: Mapping[str, str], now: Callable[[], datetime]) -> None:
        self._load, self._environ, self._now = load, environ, now
        self._by_feed: Mapping[str, FeedCredentials] = {}
        self._until: datetime | None = None

    async def of(self, feed: str) -> Credentials | None:
        """Those of `feed`, which the door sends to its origin alone. Raises `Misconfigured` where a secret is missing."""
        if self._until is None or self._now() >= self._until:
            self._by_feed = await self._load()
            self._until = self._now() + FRESH_FOR
        known = self._by_feed.get(feed)
        return await asyncio.to_thread(fetched, known, feed=feed, environ=self._environ) if known else None
