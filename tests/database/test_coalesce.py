from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from wiredesk.database.coalesce import Coalesced


class Doubling:
    """Doubles numbers once `opened`; remembers the batches it was given."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.begun, self.opened = asyncio.Event(), asyncio.Event()

    async def __call__(self, numbers: Sequence[int]) -> Sequence[int]:
        self.batches.append(list(numbers))
        self.begun.set()
        await self.opened.wait()
        if 13 in numbers:
            raise ValueError("unlucky")
        return [2 * number for number in numbers]


async def first_of(doubling: Doubling, double: Coalesced[int, int], tasks: asyncio.TaskGroup) -> asyncio.Task[int]:
    first = tasks.create_task(double(0))
    await doubling.begun.wait()
    return first


async def test_who_comes_while_a_batch_is_under_way_shares_the_next() -> None:
    doubling = Doubling()
    double = Coalesced(doubling, at_most=3)

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        first = await first_of(doubling, double, tasks)
        others = [tasks.create_task(double(number)) for number in range(1, 6)]
        await asyncio.sleep(0)
        doubling.opened.set()

    assert doubling.batches == [[0], [1, 2, 3], [4, 5]]
    assert [first.result(), *(task.result() for task in others)] == [0, 2, 4, 6, 8, 10]


async def test_an_error_is_its_own_callers_and_nobody_elses() -> None:
    doubling = Doubling()
    double = Coalesced(doubling, at_most=3)

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        await first_of(doubling, double, tasks)
        gathered = tasks.create_task(_gathered(double, [1, 13, 2]))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        doubling.opened.set()

    assert [str(answer) for answer in gathered.result()] == ["2", "unlucky", "4"]


async def _gathered(double: Coalesced[int, int], numbers: Sequence[int]) -> list[int | BaseException]:
    return await asyncio.gather(*(double(number) for number in numbers), return_exceptions=True)


async def test_others_are_answered_though_the_one_who_acted_was_cancelled() -> None:
    doubling = Doubling()
    double = Coalesced(doubling, at_most=9)

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        first = await first_of(doubling, double, tasks)
        others = [tasks.create_task(double(number)) for number in (1, 2)]
        await asyncio.sleep(0)
        first.cancel()
        others[0].cancel()
        doubling.opened.set()

    assert others[1].result() == 4
    assert first.cancelled()
    assert others[0].cancelled()


async def test_a_batch_that_is_cancelled_half_way_is_acted_on_again() -> None:
    doubling = Doubling()
    double = Coalesced(doubling, at_most=9)

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        first = await first_of(doubling, double, tasks)
        leader, follower = tasks.create_task(double(1)), tasks.create_task(double(2))
        await asyncio.sleep(0)
        doubling.begun.clear()
        first.cancel()
        await doubling.begun.wait()
        leader.cancel()
        doubling.opened.set()

    assert doubling.batches == [[0], [1, 2], [2]]
    assert follower.result() == 4
    with pytest.raises(asyncio.CancelledError):
        leader.result()


async def test_of_two_equal_calls_the_later_one_can_be_cancelled_and_the_earlier_is_answered() -> None:
    doubling = Doubling()
    double = Coalesced(doubling, at_most=9)

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        first = await first_of(doubling, double, tasks)
        earlier, later = tasks.create_task(double(7)), tasks.create_task(double(7))
        await asyncio.sleep(0)
        later.cancel()
        doubling.opened.set()

    assert (first.result(), earlier.result()) == (0, 14)
    assert later.cancelled()
    assert doubling.batches == [[0], [7]]
