"""Killing roles at random while they work, and starting them again, as a supervisor does."""

from __future__ import annotations

import asyncio
import random

from tests.faults.replicas import Replicas


async def storm(desk: Replicas, times: int, *, seed: int) -> None:
    """Kill every replica that often with SIGKILL, in random order; each is started again at once, and all are ready at the end."""
    chance = random.Random(seed)
    wanted = [name for name in desk.running for _ in range(times)]
    chance.shuffle(wanted)
    for name in wanted:
        process = desk.running[name]
        try:
            async with asyncio.timeout(chance.uniform(0.05, 1.2)):
                await process.wait()  # it may have ended by itself: then it is started again as well
        except TimeoutError:
            process.kill()
            await process.wait()
        await desk.start(name)
    # Before it is, a SIGTERM may meet a process that cannot take it with manners yet.
    await desk.until_ready()
