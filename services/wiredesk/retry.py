"""Retries while a dependency is away, with growing pauses, and reports it to health."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Hashable
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import timedelta
from typing import TypeVar

import anyio

from wiredesk.errors import Unavailable
from wiredesk.observe import Health, log
from wiredesk.stop import Stop

_log = log(__name__)

R = TypeVar("R")

LOOK = timedelta(seconds=10)


async def patiently(
    act: Callable[[], Awaitable[R]],
    *,
    health: Health,
    meanwhile: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
) -> R:
    """The result of `act`, however long its dependencies are away; it must be safe to call again.

    The pauses between tries are spent within `meanwhile()`. What is away is reported to `health` until `act` got
    through, or nobody waits for it any more.
    """
    me = object()
    try:
        while True:
            began = time.monotonic()
            try:
                return await act()
            except Unavailable as error:
                async with meanwhile():
                    await wait_out(error, health=health, by=me, began=began)
    finally:
        health.found(by=me)


async def wait_out(error: Unavailable, *, health: Health, by: Hashable, began: float) -> None:
    """Report the outage, and pause; `began` is the monotonic time at which the failed call began."""
    dependency = error.dependency or "unknown"
    health.lost(dependency, str(error), by=by)
    pause = health.pauses.after_failure(dependency, began=began, now=time.monotonic(), jitter=random.uniform(0.5, 1))
    tell = _log.warning if pause.is_new else _log.debug  # once, though a hundred workers wait
    tell("patience.waiting", role=health.role, dependency=dependency, error=str(error), seconds=round(pause.seconds, 2))
    await asyncio.sleep(pause.seconds)


class Probe:
    """Checks a dependency at intervals: a role without work would notice neither that it is away nor that it is back.

    Its question is a shallow one, so it speaks for itself alone: what work has reported, only that work takes back.
    """

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
