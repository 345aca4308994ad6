"""Killing roles at random while they work, and starting them again, as a supervisor does."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tests.pipeline.running import PATIENCE, ROLES, logs_of, start


class Supervised:
    """A process a role, each started again whenever it ends."""

    def __init__(self, env: Mapping[str, str], folder: Path, *, seed: int) -> None:
        self._env, self._folder, self._chance = env, folder, random.Random(seed)
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self.kills = dict.fromkeys(ROLES, 0)

    async def start(self) -> None:
        """All of them."""
        for role in ROLES:
            self._running[role] = await start(self._env, self._folder, role)

    async def storm(self, times: int) -> None:
        """Kill every role that often with SIGKILL, in random order; each is started again at once."""
        wanted = [role for role in ROLES for _ in range(times)]
        self._chance.shuffle(wanted)
        for role in wanted:
            process = self._running[role]
            try:
                async with asyncio.timeout(self._chance.uniform(0.05, 1.2)):
                    await process.wait()  # it may have ended by itself: then it is started again as well
            except TimeoutError:
                process.kill()
                await process.wait()
            self.kills[role] += 1
            self._running[role] = await start(self._env, self._folder, role)

    async def end(self) -> dict[str, int]:
        """SIGTERM to all; their exit statuses."""
        for process in self._running.values():
            if process.returncode is None:
                process.terminate()
        async with asyncio.timeout(PATIENCE):
            return {role: await process.wait() for role, process in self._running.items()}

    async def kill(self) -> None:
        """Whatever still runs."""
        for process in self._running.values():
            if process.returncode is None:
                process.kill()
                await process.wait()


@asynccontextmanager
async def supervised(env: Mapping[str, str], folder: Path, *, seed: int) -> AsyncIterator[Supervised]:
    """Roles under supervision, gone at the end; their logs stand in a failure."""
    roles = Supervised(env, folder, seed=seed)
    try:
        await roles.start()
        yield roles
    except BaseException as error:
        error.add_note(logs_of(folder))
        raise
    finally:
        await roles.kill()
