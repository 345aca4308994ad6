"""`/api/items` on both databases."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.contracts.samples import NOW, a_comment, a_copy, an_article
from tests.roles.web.api import Api, serving
from wiredesk.database import Database

pytest_plugins = ("tests.contracts.databases",)

HOUR = timedelta(hours=1)


@pytest.fixture
async def both(database: Database) -> AsyncIterator[Api]:
    """The API over either database."""
    async with serving(database) as api:
        yield api


async def test_an_item_has_the_fields_of_its_event_and_what_the_database_knows_of_it(
    both: Api, database: Database
) -> None:
    await database.items.put([an_article(title="Rain", regions=["SY-HL"]), a_comment()], now=NOW)
    await database.items.add_sightings([a_copy("d1", of="a1")], now=NOW)

    item = (await both.get("/api/items/a1")).json

    assert (item["kind"], item["title"], item["regions"][0]["code"]) == ("article", "Rain", "SY-HL")
    assert (item["seq"], item["stored_at"], item["comments"]) == (1, "2026-11-24T12:00:00Z", 1)
    assert item["sources"] == [
        {"id": "d1", "url": "https://gazette.example/d1", "source": "gazette.example", "seen": "2026-11-24T12:00:00Z"}
    ]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, ["c1", "a3", "a2", "a1"]),
        ({"q": "heavy rain"}, ["a1"]),
        ({"q": '"heavy town"'}, []),
        ({"q": "rain -heavy"}, ["a2"]),
        ({"region": "sy"}, ["a1"]),
        ({"region": "SY-HL"}, ["a1"]),
        ({"source": "gazette.example"}, ["a2"]),
        ({"language": "en"}, ["a2", "a1"]),
        ({"kind": "comment"}, ["c1"]),
        ({"kind": "article", "language": "de"}, ["a3"]),
        ({"story": "s1"}, ["a2", "a1"]),
        ({"article": "a1"}, ["c1"]),
        ({"since": "2026-11-24T13:00:00Z"}, ["c1", "a3"]),
        ({"since": "2026-11-24T14:00:00+01:00"}, ["c1", "a3"]),
        ({"until": "2026-11-24T13:00:00"}, ["a2", "a1"]),
        ({"limit": "1"}, ["c1"]),
        ({"order": "oldest"}, ["a1", "a2", "a3", "c1"]),
        ({"q": "", "region": "", "cursor": ""}, ["c1", "a3", "a2", "a1"]),
    ],
    ids=str,
)
async def test_every_filter_finds_what_it_says(
    given: dict[str, str], found: list[str], both: Api, database: Database
) -> None:
    early = [
        an_article("a1", text="Heavy rain.", regions=["SY-HL"], story="s1"),
        an_article("a2", text="Rain.", source="gazette.example", language="en-GB", story="s1"),
    ]
    await database.items.put(early, now=NOW)
    await database.items.put([an_article("a3", text="Regen.", title="Regen", language="de")], now=NOW + HOUR)
    await database.items.put([a_comment("c1", article_id="a1")], now=NOW + HOUR)

    assert (await both.get("/api/items", **given)).ids == found


@pytest.mark.parametrize("order", ["newest", "oldest"])
async def test_pages_by_cursor_give_every_item_once(order: str, both: Api, database: Database) -> None:
    names = [f"a{number:02}" for number in range(25)]
    await database.items.put([an_article(name) for name in names], now=NOW)

    found = await both.read_to_the_end(limit="10", order=order)

    assert found == (names if order == "oldest" else names[::-1])


async def test_a_cursor_read_to_the_end_while_four_writers_insert_gives_every_item_once(
    both: Api, database: Database
) -> None:
    before = [f"before{number:03}" for number in range(60)]
    await database.items.put([an_article(name) for name in before], now=NOW)
    written = [[f"w{writer}-{number:02}" for number in range(25)] for writer in range(4)]

    async with asyncio.TaskGroup() as tasks:
        for names in written:
            # The first before anybody reads: else a quick reader may be at the end before there is anything new.
            await database.items.put([an_article(names[0])], now=NOW)
            tasks.create_task(one_by_one(database, names[1:]))
        newest = tasks.create_task(both.read_to_the_end(limit="7"))
        oldest = tasks.create_task(both.read_to_the_end(limit="2", order="oldest"))

    everything = (await both.get("/api/items", order="oldest", limit="500")).ids
    assert sorted(everything) == sorted([*before, *itertools.chain(*written)])
    # Downwards: all that was there at the start, once. Upwards: all up to the end as it was when it was reached.
    assert newest.result() == everything[: len(newest.result())][::-1]
    assert set(before) <= set(newest.result())
    assert oldest.result() == everything[: len(oldest.result())]
    assert len(oldest.result()) > len(before)


async def one_by_one(database: Database, names: list[str]) -> None:
    for name in names:
        await database.items.put([an_article(name)], now=NOW)


async def test_an_unknown_id_is_not_found(both: Api) -> None:
    for path in ("/api/items/nine", "/api/items/%00", f"/api/items/{'x' * 2000}", "/api/stories/nine", "/api/none"):
        answer = await both.get(path)

        assert (answer.status, answer.headers["Content-Type"]) == (404, "application/problem+json")
