"""Coalescing: calls that come while one is under way become one batch, and so one commit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from wiredesk.errors import Misconfigured, Unavailable

T = TypeVar("T")
R = TypeVar("R")


@dataclass(slots=True, eq=False)  # two calls with equal items are two calls: each leaves the queue for itself
class _Waiter(Generic[T, R]):
    item: T
    answers: Sequence[R] = ()
    error: Exception | None = None
    is_answered: bool = False


class Coalesced(Generic[T, R]):
    """Answers single items through `act`, which takes many and answers in order.

    The first caller acts at once; those who come meanwhile wait, and the next of them acts for all. No task is
    started: if a caller is cancelled, the others act for themselves. An outage is raised to the whole batch; where anything
    else is raised each acts alone, so `act` must leave nothing behind when it raises.
    """

    def __init__(
        self,
        act: Callable[[Sequence[T]], Awaitable[Sequence[R]]],
        *,
        at_most: int,
        gather: timedelta = timedelta(),
    ) -> None:
        """At most so many items go into one call; `gather` is how long the first waits for others to come."""
        self._act, self._at_most, self._gather = act, at_most, gather.total_seconds()
        self._calls: list[_Waiter[T, R]] = []
        # Held around `act`: the queue behind it is what becomes the next batch. Locks wake in order of arrival.
        self._turn = asyncio.Lock()

    async def __call__(self, item: T) -> R:
        """What `act` answers to `item`."""
        call: _Waiter[T, R] = _Waiter(item)
        self._calls.append(call)
        try:
            async with self._turn:
                if self._gather and not call.is_answered and len(self._calls) < self._at_most:
                    await asyncio.sleep(self._gather)
                if not call.is_answered:
                    await self._answer(self._calls[: self._at_most])
        finally:
            if not call.is_answered:
                self._calls.remove(call)
        if call.error is not None:
            raise call.error
        return call.answers[0]

    async def _answer(self, batch: Sequence[_Waiter[T, R]]) -> None:
        try:
            answers = await self._act([call.item for call in batch])
        except (Unavailable, Misconfigured) as error:
            for call in batch:
                call.error, call.is_answered = error, True
        except Exception as error:  # noqa: BLE001 - handed on to who asked
            if len(batch) > 1:  # one of them is to blame, and only that one shall have it
                for call in batch:
                    await self._answer([call])
                return
            batch[0].error, batch[0].is_answered = error, True
        else:
            for call, answer in zip(batch, answers, strict=True):
                call.answers, call.is_answered = (answer,), True
        self._calls = [call for call in self._calls if not call.is_answered]
