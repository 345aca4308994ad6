"""Dependencies that are away: waiting for them with growing pauses, looking for them, and health that says so."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import timedelta
from typing import TypeVar

import anyio

from wiredesk.errors import Unavailable
from wiredesk.observe import Health, log
from wiredesk.stop import Stop

_log = log(__name__)

R = TypeVar("R")

FIRST_PAUSE = timedelta(seconds=0.2)
LONGEST_PAUSE = timedelta(seconds=15)
LOOK = timedelta(seconds=5)


async def patiently(
    act: Callable[[], Awaitable[R]],
    *,
    health: Health,
    meanwhile: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
) -> R:
    """What `act` gives, however long its dependencies are away; it must be safe to call again.

    The pauses between tries are spent within `meanwhile()`.
    """
    attempt = 0
    while True:
        try:
            result = await act()
        except Unavailable as error:
            async with meanwhile():
                await wait_out(error, attempt, health=health)
            attempt += 1
            continue
        if attempt:
            health.found()
        return result


async def wait_out(error: Unavailable, attempt: int, *, health: Health) -> None:
    """Say what is away and pause: 0.2 s doubling to 15 s, with jitter so that replicas do not knock together."""
    health.lost(error.dependency or "unknown", str(error))
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(attempt, 10)) * random.uniform(0.5, 1)
    _log.warning(
        "patience.waiting",
        role=health.role,
        dependency=error.dependency,
        error=str(error),
        seconds=round(pause.total_seconds(), 2),
    )
    await asyncio.sleep(pause.total_seconds())


class Probe:
    """Asks a dependency time and again: who has nothing to do would not notice that it is away, nor that it is back."""

    def __init__(
        self, check: Callable[[], Awaitable[None]], *, dependency: str, health: Health, every: timedelta = LOOK
    ) -> None:
        self._check, self._dependency, self._health, self._every = check, dependency, health, every

    async def run(self, stop: Stop) -> None:
        """Until `stop` is asked for."""
        while not stop.asked:
            try:
                await self._check()
            except Unavailable as error:
                self._health.lost(self._dependency, str(error))
            else:
                self._health.found(self._dependency)
            await stop.unless(anyio.sleep(self._every.total_seconds()))
