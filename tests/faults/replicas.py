"""Replicas of roles as processes: where they listen, whether they are ready, and ending them one by one."""

from __future__ import annotations

import asyncio
import json
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from tests.pipeline.running import COMMAND, PATIENCE, ROLES, logs_of, start

ASKED_EVERY = 0.2
ONE_EACH = tuple(f"{role}-0" for role in ROLES)


class Replicas:
    """By name, such as `store-0`."""

    def __init__(self, env: Mapping[str, str], folder: Path, *, command: Sequence[str] = COMMAND) -> None:
        self._env, self._folder, self._command = env, folder, command
        self.running: dict[str, Process] = {}

    async def start(self, name: str) -> None:
        """Start that replica."""
        role, _, number = name.rpartition("-")
        self.running[name] = await start(self._env, self._folder, role, number=int(number), command=self._command)

    async def end(self, name: str) -> tuple[int, float]:
        """SIGTERM to that one; its exit status and how many seconds it took."""
        process, began = self.running.pop(name), time.monotonic()
        process.terminate()
        async with asyncio.timeout(PATIENCE):
            status = await process.wait()
        return status, time.monotonic() - began

    async def not_ready(self) -> set[str]:
        """Those whose `/readyz` says so, or that do not answer."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
            return {name for name in self.running if not await _is_ready(session, self.address(name))}

    async def until_ready(self, names: Collection[str] = (), *, within: float = PATIENCE) -> float:
        """Return once those, or all, are ready; the seconds it took."""
        began = time.monotonic()
        async with asyncio.timeout(within):
            while (away := await self.not_ready()) and (not names or away & set(names)):  # noqa: ASYNC110 - it is another process
                await asyncio.sleep(ASKED_EVERY)
        return time.monotonic() - began

    async def until_any_is_not_ready(self) -> None:
        """Return once one of them says that it is not."""
        async with asyncio.timeout(PATIENCE):
            while not await self.not_ready():  # noqa: ASYNC110 - it is another process
                await asyncio.sleep(ASKED_EVERY)

    def ended(self) -> dict[str, int]:
        """Exit statuses of those that ended by themselves, which none may."""
        return {name: process.returncode for name, process in self.running.items() if process.returncode is not None}

    def address(self, name: str) -> str:
        """Where its latest life listens; empty until it does."""
        lines = (self._folder / f"{name}.log").read_bytes().splitlines()
        starts = [json.loads(line) for line in lines if b'"app.started"' in line]
        return str(starts[-1]["listen"]) if starts else ""


async def _is_ready(session: aiohttp.ClientSession, address: str) -> bool:
    if not address:
        return False
    try:
        async with session.get(f"http://{address}/readyz") as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


@asynccontextmanager
async def replicas(
    env: Mapping[str, str], folder: Path, names: Sequence[str] = ONE_EACH, *, command: Sequence[str] = COMMAND
) -> AsyncIterator[Replicas]:
    """Those replicas, ready; at the end of the block all end by SIGTERM with status 0. Logs stand in a failure."""
    desk = Replicas(env, folder, command=command)
    try:
        for name in names:
            await desk.start(name)
        await desk.until_ready()
        yield desk
        assert desk.ended() == {}
        async with asyncio.TaskGroup() as tasks:
            ends = {name: tasks.create_task(desk.end(name)) for name in list(desk.running)}
        assert {name: end.result()[0] for name, end in ends.items()} == dict.fromkeys(ends, 0)
    except BaseException as error:
        error.add_note(logs_of(folder))
        raise
    finally:
        for process in desk.running.values():
            if process.returncode is None:
                process.kill()
                await process.wait()
