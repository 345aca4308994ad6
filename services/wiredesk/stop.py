"""Ending loops with manners: between two pieces of work, not inside one."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

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
