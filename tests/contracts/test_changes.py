"""Who waits for rows or items is told of them, whoever put them there, on both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.contracts.samples import NOW, an_article
from tests.contracts.test_due import job
from wiredesk.database import Database, open_database
from wiredesk.database.changes import DUE, STORED

pytest_plugins = ("tests.contracts.databases",)

PATIENCE = 20


async def test_rows_that_another_process_puts_or_hurries_are_told_of(database_url: str, prefix: str) -> None:
    async with (
        open_database(database_url, schema=prefix) as database,
        open_database(database_url, schema=prefix) as other,
        database.listening(),
        asyncio.timeout(PATIENCE),
    ):
        changed = asyncio.Event()
        assert database.due.changes is not None
        with database.due.changes.told_to(changed, of=DUE):
            await changed_by(other.due.put([job("1", due=NOW + timedelta(days=1))]), changed)
            await changed_by(other.due.hurry("page", "1", now=NOW), changed)


async def test_items_that_another_process_stores_are_told_of(database_url: str, prefix: str) -> None:
    async with (
        open_database(database_url, schema=prefix) as database,
        open_database(database_url, schema=prefix) as other,
        database.listening(),
        asyncio.timeout(PATIENCE),
    ):
        changed = asyncio.Event()
        assert database.items.changes is not None
        with database.items.changes.told_to(changed, of=STORED):
            await changed_by(other.items.put([an_article()], now=NOW), changed)


@pytest.mark.servers
async def test_a_line_that_is_cut_is_opened_again_and_who_waits_is_woken_meanwhile(
    postgres_url: str, prefix: str
) -> None:
    async def cut(connection: AsyncConnection) -> None:
        ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name"
        await connection.execute(text(ending), {"name": prefix})

    async with (
        open_database(postgres_url, schema=prefix, application=prefix) as database,
        open_database(postgres_url, schema=prefix) as other,
        database.listening(),
        asyncio.timeout(PATIENCE),
    ):
        changed = asyncio.Event()
        assert database.due.changes is not None
        with database.due.changes.told_to(changed, of=DUE):
            await changed.wait()  # it listens
            changed.clear()
            await other._transactions.write(cut)
            await changed.wait()
            while True:  # as long as it takes to be told of a row again, and not of a line that is cut
                changed.clear()
                if await is_told(other, changed):
                    break


async def test_what_is_raised_while_listening_leaves_as_what_it_was(database: Database) -> None:
    with pytest.raises(KeyError):
        async with database.listening():
            raise KeyError("ours")


async def changed_by(putting: object, changed: asyncio.Event) -> None:
    changed.clear()
    await putting  # type: ignore[misc]
    await changed.wait()


async def is_told(other: Database, changed: asyncio.Event) -> bool:
    await other.due.put([job("1")])
    await other.due.remove("page", ["1"])
    try:
        async with asyncio.timeout(1):
            await changed.wait()
    except TimeoutError:
        return False
    return True
