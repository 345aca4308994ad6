"""Reports for each feed how long ago it was last read with success."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import anyio

from wiredesk.database import Database
from wiredesk.observe import FEED_AGE, Health
from wiredesk.redaction import shown
from wiredesk.retry import patiently
from wiredesk.stop import Stop

EVERY = timedelta(seconds=30)

MOST_TOLD = 500
"""Each is a time series an instance: of more feeds, the stalest are told."""


class Freshness:
    """Every replica reports all feeds, so the maximum over the replicas is right."""

    def __init__(self, database: Database, *, health: Health, now: Callable[[], datetime]) -> None:
        self._database, self._health, self._now = database, health, now
        self._told: set[str] = set()

    async def run(self, stop: Stop) -> None:
        """Until `stop` is asked for."""
        while not stop.asked:
            self.tell(await patiently(self.ages, health=self._health))
            await stop.unless(anyio.sleep(EVERY.total_seconds()))

    async def ages(self) -> Mapping[str, timedelta]:
        """Time since the last success, or else since it was subscribed, of every feed that is not paused."""
        successes, now = await self._database.feeds.last_successes(), self._now()
        return {url: now - at for url, at in successes.items()}

    def tell(self, ages: Mapping[str, timedelta]) -> None:
        """Set the gauges of the stalest, and remove those of feeds that are no longer among them."""
        stalest = sorted(ages, key=lambda url: ages[url], reverse=True)[:MOST_TOLD]
        names = {shown(url): max(0.0, ages[url].total_seconds()) for url in stalest}
        for name in self._told - names.keys():
            FEED_AGE.remove(name)
        for name, seconds in names.items():
            FEED_AGE.labels(name).set(seconds)
        self._told = set(names)
