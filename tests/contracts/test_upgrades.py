"""What an older wiredesk stored is there after an upgrade, and found."""

from __future__ import annotations

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.contracts.older import made_by
from tests.contracts.samples import NOW, an_article, ids
from wiredesk.database import open_database
from wiredesk.database.item_rows import prepare
from wiredesk.database.items import ItemQuery
from wiredesk.database.tables import item_events, item_regions, items

pytest_plugins = ("tests.contracts.databases",)

STORED = {
    3: an_article(
        "a1", title="News", text="rain in Aleppo", regions=["SY-HL"], language="en"
    ),  # a revision: its row is the oldest
    1: an_article("a2", title="News", text="rain in Lisbon", regions=["PT"], language="pt-BR"),
    2: an_article("a3", title="News", text="sun in Aleppo", regions=["SY-HL"], language="pt"),
}
"""By seq, in the order in which they were first stored."""

ADDED_SINCE = {"primary_language", "first_seen"}
"""Columns of `items` that version 0003 lacks."""

QUERIES = {
    "all": (ItemQuery(), ["a1", "a3", "a2"]),
    "a word, newest first": (ItemQuery(text="rain"), ["a1", "a2"]),
    "a region, newest first": (ItemQuery(region="SY"), ["a1", "a3"]),
    "a language and its variants": (ItemQuery(language="pt"), ["a3", "a2"]),
    "region and language": (ItemQuery(region="SY-HL", language="pt"), ["a3"]),
    "word and cursor": (ItemQuery(text="rain", before_seq=3), ["a2"]),
}


async def store_as_before(connection: AsyncConnection) -> None:
    for seq, article in STORED.items():
        item = prepare(article, dialect=connection.dialect.name)
        index_row = {name: value for name, value in item.index_row.items() if name not in ADDED_SINCE}
        await connection.execute(insert(item_events).values(**item.body_row))
        await connection.execute(insert(items).values(**index_row, seq=seq, stored_at=NOW))
        rows = [{"item_id": item.id, "code": code} for code in item.regions]
        await connection.execute(insert(item_regions), rows)
    await connection.exec_driver_sql("UPDATE counters SET value = 3")


@pytest.mark.parametrize("name", QUERIES)
async def test_items_of_an_older_schema_are_found_in_order(name: str, database_url: str, prefix: str) -> None:
    await made_by("0003", database_url, prefix, store_as_before)
    query, expected = QUERIES[name]

    async with open_database(database_url, schema=prefix) as database:
        assert ids(await database.items.search(query)) == expected


async def test_an_item_of_an_older_schema_is_revised_and_found_as_the_newest(database_url: str, prefix: str) -> None:
    await made_by("0003", database_url, prefix, store_as_before)
    later = NOW.replace(hour=13)

    async with open_database(database_url, schema=prefix) as database:
        await database.items.put([an_article("a2", title="News", text="sun in Lisbon", collected=later)], now=later)

        assert ids(await database.items.search(ItemQuery(text="sun"))) == ["a2", "a3"]
        assert ids(await database.items.search(ItemQuery(text="rain"))) == ["a1"]
        assert ids(await database.items.search(ItemQuery(region="PT"))) == []


async def test_migrations_are_told_of_before_they_are_carried_out(database_url: str, prefix: str) -> None:
    await made_by("0003", database_url, prefix, store_as_before)
    told: list[str] = []

    async with open_database(database_url, schema=prefix, on_migrating=told.extend):
        assert told[0].startswith("0004 ")

    told.clear()
    async with open_database(database_url, schema=prefix, on_migrating=told.extend):
        assert told == []
