"""Whether the database answers `web`: it reads no topic, so nobody else would notice."""

from __future__ import annotations

from datetime import timedelta

import anyio

from wiredesk.database import Database
from wiredesk.errors import Unavailable
from wiredesk.observe import Health
from wiredesk.stop import Stop

EVERY = timedelta(seconds=5)


class Probe:
    """Asks every five seconds."""

    def __init__(self, database: Database, *, health: Health) -> None:
        self._database, self._health = database, health

    async def run(self, stop: Stop) -> None:
        """Until `stop` is asked for."""
        while not stop.asked:
            try:
                await self._database.check()
            except Unavailable as error:
                self._health.lost(error.dependency or "database", str(error))
            else:
                self._health.found()
            await stop.unless(anyio.sleep(EVERY.total_seconds()))
