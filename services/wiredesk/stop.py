"""Ending loops between two pieces of work, not inside one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias, TypeVar

import anyio

R = TypeVar("R")


class Stop:
    """Asks a loop to end between two pieces of work, and interrupts it only where it waits for the next one."""

    def __init__(self) -> None:
        self._asked = False
        self._waiting: set[anyio.CancelScope] = set()

    @property
    def asked(self) -> bool:
        """Whether the loop should end."""
        return self._asked

    def ask(self) -> None:
        """End every loop that waits now, and the others once their work in hand is done."""
        self._asked = True
        for scope in self._waiting:
            scope.cancel()

    async def unless(self, waiting: Awaitable[R]) -> R | None:
        """What `waiting` gives, or None when the end was asked for meanwhile."""
        with anyio.CancelScope() as scope:
            self._waiting.add(scope)
            if self._asked:
                scope.cancel()
            try:
                return await waiting
            finally:
                self._waiting.discard(scope)
        return None


Run: TypeAlias = Callable[[Stop], Awaitable[None]]
"""Something that works until it is asked to stop."""

Runs: TypeAlias = Sequence[Run]
"""What a role does, side by side."""


async def together(runs: Runs, stop: Stop) -> None:
    """All of `runs`, until `stop` is asked for; an error of one ends the others, and is raised in a group."""
    async with asyncio.TaskGroup() as tasks:
        for run in runs:
            tasks.create_task(_as_coroutine(run, stop))


async def _as_coroutine(run: Run, stop: Stop) -> None:
    await run(stop)
