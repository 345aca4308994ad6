"""Waiting for dependencies that are away: growing pauses, and health that says so."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import timedelta
from typing import TypeVar

from wiredesk.errors import Unavailable
from wiredesk.observe import Health, log

_log = log(__name__)

R = TypeVar("R")

FIRST_PAUSE = timedelta(seconds=0.2)
LONGEST_PAUSE = timedelta(seconds=15)


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
