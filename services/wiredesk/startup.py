"""A start that may take long: what it waits for stands in `/readyz`, the gauge and, now and then, the log."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from wiredesk.errors import Unavailable
from wiredesk.observe import Health, log

_log = log(__name__)

R = TypeVar("R")

PATIENCE = timedelta(seconds=20)
"""How long a start that somebody watches waits for a server."""

TOLD_EVERY = timedelta(seconds=30)

_BETWEEN_TRIES = 1.0


class Startup:
    """Speaks for all `healths` of a process until the start is over.

    Without `patience` a server is waited for as long as it takes: a supervisor could only start us again.
    """

    def __init__(
        self, healths: Sequence[Health], *, patience: timedelta | None, told_every: timedelta = TOLD_EVERY
    ) -> None:
        self._healths, self._patience, self._told_every = healths, patience, told_every
        self._began = time.monotonic()
        self._waiting_for, self._why = "", ""

    @property
    def waiting_for(self) -> str:
        """What the start waits for; empty once it is over."""
        return self._waiting_for

    async def opened(self, dependency: str, act: Callable[[], Awaitable[R]]) -> R:
        """The result of `act`, retried while it raises `Unavailable`, which is raised once patience ends."""
        self._wait_for(dependency, "no answer yet")
        began = time.monotonic()
        while True:
            try:
                return await act()
            except Unavailable as error:
                if self._patience is not None and time.monotonic() - began >= self._patience.total_seconds():
                    raise
                is_new = self._why != str(error)
                self._wait_for(dependency, str(error))
                if is_new:
                    self._tell()
                await asyncio.sleep(_BETWEEN_TRIES)

    def migrating(self, migrations: Sequence[str]) -> None:
        """The database is there, and `migrations` are being carried out."""
        self._wait_for("migration", ", ".join(migrations))
        _log.info("start.migrating", migrations=list(migrations))

    async def prepared(self, act: Awaitable[R]) -> R:
        """What `act` gives: what roles do before they run. They report by themselves what they wait for."""
        self._wait_for("roles", "being made ready")
        return await act

    def over(self) -> None:
        """Everything is there."""
        self._wait_for("", "")

    async def tell(self) -> None:
        """Log what is waited for now and then, until cancelled: also where nothing fails, as at a lock that is held."""
        while True:
            await asyncio.sleep(self._told_every.total_seconds())
            self._tell()

    def _tell(self) -> None:
        seconds = round(time.monotonic() - self._began, 1)
        _log.warning("start.waiting", dependency=self._waiting_for, error=self._why, seconds=seconds)

    def _wait_for(self, dependency: str, why: str) -> None:
        before, self._waiting_for, self._why = self._waiting_for, dependency, why
        for health in self._healths:
            # The next one is reported first: between the two nobody is ready.
            if dependency:
                health.lost(dependency, f"starting: {why}", by=self)
            if before and before != dependency:
                health.found(before, by=self)
