"""Memory for answers: claimed in order, given back as it is not needed, refused after a while."""

from __future__ import annotations

import asyncio

import pytest

from tests.contracts.samples import NOW, an_article
from tests.roles.web.api import PATIENCE, Api
from wiredesk.database import Database
from wiredesk.database.items import ItemQuery
from wiredesk.roles.web.budget import PAGE_BYTES, ByteBudget
from wiredesk.roles.web.problem import Problem

pytest_plugins = ("tests.contracts.databases",)

LARGE = "storm " * 130_000
"""0.8 MB: near the most that a record holds."""


async def test_claims_that_fit_are_had_at_once_and_others_wait_in_order() -> None:
    budget, order = ByteBudget(10), list[str]()

    async def claim(name: str, size: int) -> None:
        async with budget.claimed(size):
            order.append(name)

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        async with budget.claimed(6) as first:
            tasks.create_task(claim("large", 9))
            tasks.create_task(claim("small", 1))
            await asyncio.sleep(0)
            assert order == []
            first.shrink(1)
        await asyncio.sleep(0)

    assert order == ["large", "small"]


async def test_who_waits_too_long_is_told_to_come_again() -> None:
    budget = ByteBudget(10)
    async with budget.claimed(10):
        with pytest.raises(Problem) as refused:
            async with budget.claimed(1, patience=0.01):
                pass

    assert (int(refused.value.status), refused.value.headers) == (503, {"Retry-After": "5"})
    async with budget.claimed(10, patience=0.01):
        pass


async def test_a_claim_above_all_there_is_takes_all() -> None:
    async with ByteBudget(10).claimed(11, patience=0.01):
        pass


@pytest.mark.parametrize("order", ["newest", "oldest"])
async def test_a_page_of_large_items_ends_early_and_its_cursor_goes_on(order: str, api: Api, desk: Database) -> None:
    names = [f"a{number:02}" for number in range(7)]
    for name in names:
        await desk.items.put([an_article(name, text=LARGE if name != "a03" else "Rain.")], now=NOW)

    first = await api.get("/api/items", limit="5", order=order)
    everything = await api.read_to_the_end(limit="5", order=order)

    assert 0 < len(first.ids) < 5
    assert len(first.body) < 2 * PAGE_BYTES
    assert everything == (names if order == "oldest" else names[::-1])


async def test_an_item_above_the_bytes_of_a_page_comes_alone(database: Database) -> None:
    await database.items.put([an_article(f"a{number}") for number in range(3)], now=NOW)

    page = await database.items.page(ItemQuery(limit=2), max_bytes=1)

    assert ([item.event.id for item in page.items], page.goes_on) == (["a2"], True)


@pytest.mark.parametrize(
    ("limit", "names", "goes_on"),
    [(2, ["a2", "a1"], True), (3, ["a2", "a1", "a0"], False), (9, ["a2", "a1", "a0"], False)],
)
async def test_a_page_says_whether_there_is_more(
    limit: int, names: list[str], goes_on: bool, database: Database
) -> None:
    await database.items.put([an_article(f"a{number}") for number in range(3)], now=NOW)

    page = await database.items.page(ItemQuery(limit=limit), max_bytes=PAGE_BYTES)

    assert ([item.event.id for item in page.items], page.goes_on) == (names, goes_on)


async def test_nothing_found_is_the_end(database: Database) -> None:
    page = await database.items.page(ItemQuery(text="nowhere"), max_bytes=PAGE_BYTES)

    assert (page.items, page.goes_on) == ((), False)


async def test_a_stream_that_catches_up_with_large_items_gets_them_all(api: Api, desk: Database) -> None:
    names = [f"a{number:02}" for number in range(6)]
    for name in names:
        await desk.items.put([an_article(name, text=LARGE)], now=NOW)

    async with api.stream(since_id="0") as stream:
        assert await stream.items(len(names)) == names
