"""Memory for answers: who wants to read claims it first, so that `web` keeps to its container whatever is asked at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Final

from wiredesk.roles.web.problem import Problem

ANSWERS_BYTES: Final = 64 * 1024 * 1024
"""All answers together."""

PAGE_BYTES: Final = 2 * 1024 * 1024
"""Stored bytes of the items in one page; more are on the next one."""

READING_BYTES: Final = 12 * 1024 * 1024
"""What a page takes while it is read and encoded: its rows, its items and its JSON at once, measured at five times the rows."""

AGAIN_SECONDS: Final = "5"

COPIES: Final = 2
"""An answer that is ready stands in the response, and what the reader has not taken in the connection's buffer."""


class Claim:
    """A part of a budget."""

    def __init__(self, budget: ByteBudget, size: int) -> None:
        self._budget, self._size = budget, size

    def shrink(self, size: int) -> None:
        """Give back all but `size` bytes; it never grows."""
        self._budget.give_back(max(0, self._size - size))
        self._size = min(self._size, size)


class ByteBudget:
    """So many bytes in all, claimed in order of asking: a small claim does not overtake a large one for ever."""

    def __init__(self, total_bytes: int = ANSWERS_BYTES) -> None:
        self._total = self._free = total_bytes
        self._turn = asyncio.Lock()  # held by the first in the queue, while there is no room for it
        self._given_back = asyncio.Event()

    @asynccontextmanager
    async def claimed(self, size: int, *, patience: float | None = None) -> AsyncIterator[Claim]:
        """Within, `size` bytes are ours, as far as the claim was not shrunk. Raises `Problem` after `patience` seconds."""
        size = min(size, self._total)
        try:
            async with asyncio.timeout(patience), self._turn:
                while self._free < size:
                    self._given_back.clear()
                    await self._given_back.wait()
                self._free -= size
        except TimeoutError as error:
            again = {"Retry-After": AGAIN_SECONDS}
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "too many answers wait to be read", headers=again) from error
        claim = Claim(self, size)
        try:
            yield claim
        finally:
            claim.shrink(0)

    def give_back(self, size: int) -> None:
        """Free bytes of a claim."""
        self._free += size
        self._given_back.set()
