"""Calls that come while one is under way become one batch: one commit for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


@dataclass(slots=True)
class _Ask(Generic[T, R]):
    item: T
    answers: Sequence[R] = ()
    error: Exception | None = None
    is_answered: bool = False


class Together(Generic[T, R]):
    """Answers single items through `act`, which takes many and answers in order.

    The first caller acts at once; those who come meanwhile wait, and the next of them acts for all. No task is
    started: if a caller is cancelled, the others act for themselves. An error of `act` is raised to the whole batch.
    """

    def __init__(self, act: Callable[[Sequence[T]], Awaitable[Sequence[R]]], *, at_most: int) -> None:
        self._act, self._at_most = act, at_most
        self._asks: list[_Ask[T, R]] = []
        # Held around `act`: the queue behind it is what becomes the next batch. Locks wake in order of arrival.
        self._turn = asyncio.Lock()

    async def __call__(self, item: T) -> R:
        """What `act` answers to `item`."""
        ask: _Ask[T, R] = _Ask(item)
        self._asks.append(ask)
        try:
            async with self._turn:
                if not ask.is_answered:
                    await self._answer(self._asks[: self._at_most])
        finally:
            if not ask.is_answered:
                self._asks.remove(ask)
        if ask.error is not None:
            raise ask.error
        return ask.answers[0]

    async def _answer(self, batch: Sequence[_Ask[T, R]]) -> None:
        try:
            answers = await self._act([ask.item for ask in batch])
        except Exception as error:  # noqa: BLE001 - handed on to everybody who asked
            for ask in batch:
                ask.error, ask.is_answered = error, True
        else:
            for ask, answer in zip(batch, answers, strict=True):
                ask.answers, ask.is_answered = (answer,), True
        self._asks = [ask for ask in self._asks if not ask.is_answered]
