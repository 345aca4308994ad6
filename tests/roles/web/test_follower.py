"""The one task behind all streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from tests.contracts.samples import NOW, an_article
from tests.roles.web.api import PATIENCE
from wiredesk.database import Database
from wiredesk.database.items import ItemPage, ItemQuery, Items, StoredItem
from wiredesk.errors import Unavailable
from wiredesk.roles.web.follower import Follower, StreamLimits, StreamReader
from wiredesk.roles.web.frames import Frame

QUICK = StreamLimits(look_every=timedelta(milliseconds=5), away=timedelta(milliseconds=5))


class Flaky(Items):
    """Records that do not answer every other look; it counts them."""

    looks = 0

    async def page(self, query: ItemQuery, *, max_bytes: int) -> ItemPage:
        is_look = query.before_seq is None  # a reader that catches up goes no further than the follower has been
        self.looks += is_look
        if is_look and self.looks % 2:
            raise Unavailable("away", dependency="database")
        return await super().page(query, max_bytes=max_bytes)


@asynccontextmanager
async def following(items: Items) -> AsyncIterator[Follower]:
    follower = Follower(items, limits=QUICK)
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(follower.run())
        yield follower
        running.cancel()


async def taken(reader: StreamReader, number: int) -> list[int]:
    seqs: list[int] = []
    while len(seqs) < number:
        seqs += [frame.seq for frame in await reader.take()]
    return seqs


async def caught_up(follower: Follower, reader: StreamReader) -> list[int]:
    return [frame.seq async for frames in follower.caught_up(reader) for frame in frames]


def nobody() -> None:
    raise AssertionError("was cut off")


async def put(database: Database, *names: str) -> None:
    await database.items.put([an_article(name) for name in names], now=NOW)


@pytest.fixture
def flaky(desk: Database) -> Flaky:
    return Flaky(desk._transactions)


async def test_while_the_database_is_away_readers_wait_and_miss_nothing(desk: Database, flaky: Flaky) -> None:
    async with following(flaky) as follower, follower.joined(ItemQuery(), since=None, cut=nobody) as reader:
        assert await caught_up(follower, reader) == []
        for number in range(5):
            await put(desk, f"a{number}")

        assert await taken(reader, 5) == [1, 2, 3, 4, 5]
        assert flaky.looks > 1


async def test_readers_share_their_looks_at_the_database(desk: Database, flaky: Flaky) -> None:
    async with following(flaky) as follower, asyncio.TaskGroup() as tasks:

        async def read() -> list[int]:
            async with follower.joined(ItemQuery(), since=None, cut=nobody) as reader:
                await caught_up(follower, reader)
                joined.release()
                return await taken(reader, 3)

        joined = asyncio.Semaphore(0)
        readers = [tasks.create_task(read()) for _ in range(500)]
        for _ in readers:
            await joined.acquire()
        before = flaky.looks
        await put(desk, "a1", "a2", "a3")
        await asyncio.gather(*readers)

    assert {tuple(reader.result()) for reader in readers} == {(1, 2, 3)}
    assert flaky.looks - before < 100


async def test_without_readers_the_database_is_left_alone_and_the_next_one_misses_nothing(
    desk: Database, flaky: Flaky
) -> None:
    async with following(flaky) as follower:
        async with follower.joined(ItemQuery(), since=None, cut=nobody) as reader:
            await caught_up(follower, reader)
            await put(desk, "a1")
            assert await taken(reader, 1) == [1]
        looks = flaky.looks
        await put(desk, "a2", "a3")

        async with follower.joined(ItemQuery(), since=1, cut=nobody) as later:
            assert flaky.looks <= looks + 1  # one may have been under way
            assert await caught_up(follower, later) == [2, 3]
            await put(desk, "a4")
            assert await taken(later, 1) == [4]


async def test_what_came_while_a_reader_caught_up_comes_once(desk: Database) -> None:
    await put(desk, *(f"a{number:03}" for number in range(250)))
    async with following(desk.items) as follower, follower.joined(ItemQuery(), since=None, cut=nobody) as keeps_looking:
        await caught_up(follower, keeps_looking)
        async with follower.joined(ItemQuery(), since=0, cut=nobody) as reader:
            seqs: list[int] = []
            async for frames in follower.caught_up(reader):
                seqs += [frame.seq for frame in frames]
                if len(seqs) < 300:
                    await put(desk, f"b{len(seqs)}")
                    await keeps_looking.take()

            await put(desk, "c")
            while seqs[-1] < await desk.items.head():
                seqs += [frame.seq for frame in await reader.take()]

    assert seqs == list(range(1, len(seqs) + 1))
    assert len(seqs) > 251


async def test_who_joins_between_two_looks_gets_what_comes_then_and_takes_nothing_from_who_was_there(
    desk: Database,
) -> None:
    follower = Follower(desk.items, limits=QUICK)
    async with (
        asyncio.timeout(PATIENCE),
        follower.joined(ItemQuery(), since=None, cut=nobody) as first,
        asyncio.TaskGroup() as tasks,
    ):
        await caught_up(follower, first)
        await put(desk, "a1", "a2")
        async with follower.joined(ItemQuery(), since=None, cut=nobody) as second:
            await caught_up(follower, second)

            looking = tasks.create_task(follower.run())
            assert await taken(first, 2) == [1, 2]
            await put(desk, "a3")
            assert await taken(second, 1) == [3]
            assert await taken(first, 1) == [3]
        looking.cancel()


@pytest.mark.parametrize(
    ("limits", "number", "is_cut"),
    [
        (StreamLimits(waiting_items=3), 3, False),
        (StreamLimits(waiting_items=3), 4, True),
        (StreamLimits(waiting_bytes=10), 1, False),
        (StreamLimits(waiting_bytes=10), 2, True),
    ],
    ids=[
        "as many as may wait",
        "more",
        "one alone may be larger than all that may wait",
        "with another it is too much",
    ],
)
async def test_what_waits_for_a_reader_is_bounded(limits: StreamLimits, number: int, is_cut: bool) -> None:
    cuts: list[bool] = []
    reader = StreamReader(ItemQuery(), at=0, cut=lambda: cuts.append(True), limits=limits)

    for seq in range(1, number + 1):
        reader.offer([Frame(StoredItem(seq=seq, kind="article", event=an_article(), stored_at=NOW))])

    assert (reader.is_over, bool(cuts)) == (is_cut, is_cut)
    assert len(await reader.take()) == (0 if is_cut else number)
