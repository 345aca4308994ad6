"""Which article a URL belongs to, on both databases."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from wiredesk.database import Database, open_database
from wiredesk.database.aliases import assign
from wiredesk.events import digest

pytest_plugins = ("tests.contracts.databases",)


def id_of(url: str) -> str:
    return digest("article", url)


async def test_an_unknown_item_is_called_after_its_first_url(database: Database) -> None:
    assert await database.aliases.settle([["u1", "u2"], ["u3"]]) == [id_of("u1"), id_of("u3")]


async def test_an_id_never_changes_however_the_item_comes_again(database: Database) -> None:
    await database.aliases.settle([["link"]])

    assert await database.aliases.settle([["canonical", "final", "link"]]) == [id_of("link")]
    assert await database.aliases.settle([["canonical"], ["final"]]) == [id_of("link")] * 2


async def test_the_first_known_url_decides_and_the_others_keep_their_own(database: Database) -> None:
    await database.aliases.settle([["a"], ["b"]])

    assert await database.aliases.settle([["new", "b", "a"]]) == [id_of("b")]
    assert await database.aliases.settle([["a"], ["new"]]) == [id_of("a"), id_of("b")]


async def test_earlier_items_of_a_batch_count_as_known(database: Database) -> None:
    assert await database.aliases.settle([["a", "b"], ["b", "c"], ["c"]]) == [id_of("a")] * 3


async def test_long_and_foreign_urls_are_urls(database: Database) -> None:
    url = "https://example.org/" + "ж" * 5_000

    assert await database.aliases.settle([[url]]) == await database.aliases.settle([["other", url]])


async def test_nothing_to_settle(database: Database) -> None:
    assert list(await database.aliases.settle([])) == []


async def test_settlers_at_once_agree(database: Database, database_url: str, prefix: str) -> None:
    """Two replicas, ten tasks each, over lists that overlap: every URL ends with one id, and nobody was told another."""
    draw = random.Random(7)
    lists = [[f"u{number}" for number in draw.sample(range(30), 3)] for _ in range(100)]

    async with open_database(database_url, schema=prefix) as other:
        told: list[tuple[str, str]] = []

        async def settle(replica: Database, part: Sequence[list[str]]) -> None:
            for known_as in part:
                (given_id,) = await replica.aliases.settle([known_as])
                told.append((known_as[0], given_id))

        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            for start in range(10):
                tasks.create_task(settle(database, lists[start::10]))
                tasks.create_task(settle(other, lists[start + 1 :: 10]))

    pinned = dict(zip([url for url, _ in told], await database.aliases.settle([[url] for url, _ in told]), strict=True))
    firsts = {url: given_id for url, given_id in told}
    assert firsts == pinned
    for url in pinned:
        assert len({given_id for known, given_id in told if known == url}) == 1


@given(st.lists(st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=4), max_size=8))
def test_settling_in_one_batch_is_settling_one_by_one(lists: list[list[str]]) -> None:
    at_once, _ = assign(lists, lists, {})

    pinned: dict[str, str] = {}
    one_by_one = []
    for known_as in lists:
        ids, fresh = assign([known_as], [known_as], pinned)
        one_by_one += ids
        pinned |= fresh

    assert at_once == one_by_one
