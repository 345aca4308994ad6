"""A database of an earlier version, with rows in every table and queue, loses nothing when it is brought up to date."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import MetaData, Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.contracts.samples import NOW
from wiredesk import database as records
from wiredesk.database import Database, open_database
from wiredesk.database.alerts import WEBHOOK
from wiredesk.database.columns import EPOCH
from wiredesk.database.feeds import FEED
from wiredesk.database.migrate import _make_schema
from wiredesk.database.migrations import _config
from wiredesk.database.pages import COMMENTS, KINDS, PAGE, THREAD
from wiredesk.database.tables import metadata
from wiredesk.database.transactions import Transactions
from wiredesk.events import digest
from wiredesk.roles.pages.look import jobs

pytest_plugins = ("tests.contracts.databases",)

HOUR = timedelta(hours=1)
ROWS = json.loads((Path(__file__).parent / "data" / "schema-0003.json").read_text("utf-8"))
INSTANTS = frozenset(
    [
        "due",
        "leased_until",
        "turn",
        "served",
        "pinned_at",
        "added_at",
        "last_polled_at",
        "last_success_at",
        "listed_at",
        "seen_at",
        "collected",
        "processed",
        "stored_at",
        "alerted_at",
        "created_at",
        "tried_at",
        "next_at",
        "disabled_at",
        "paused_until",
    ]
)


@pytest.fixture
async def earlier(database_url: str, prefix: str) -> str:
    """The URL of a database as that version left it."""
    backend = records._backend(database_url, schema=prefix, application="wiredesk", connections=1)
    transactions = Transactions(backend)

    async def work(connection: AsyncConnection) -> None:
        if transactions.dialect == "postgresql":
            await _make_schema(connection, prefix)
        await connection.run_sync(_migrated_to, "0003")
        for name in (table.name for table in metadata.sorted_tables if table.name in ROWS):
            rows = ROWS[name]
            table = await connection.run_sync(lambda sync, name=name: Table(name, MetaData(), autoload_with=sync))  # type: ignore[misc]
            await connection.execute(text(f'DELETE FROM "{name}"'))
            if rows:
                await connection.execute(table.insert(), [_row(row, transactions.dialect) for row in rows])

    try:
        await transactions.migrate(work)
    finally:
        await backend.close()
    return database_url


async def _before_the_upgrade(url: str, prefix: str, work: Callable[[AsyncConnection], Awaitable[None]]) -> None:
    backend = records._backend(url, schema=prefix, application="wiredesk", connections=1)
    try:
        await Transactions(backend).write(work)
    finally:
        await backend.close()


def _migrated_to(connection: Any, revision: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _row(row: dict[str, Any], dialect: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            value = value["bytes"].encode()
        elif dialect == "postgresql" and value is not None:
            if name in INSTANTS:
                value = EPOCH + timedelta(microseconds=value)
            elif name in ("routine", "paused", "backfill"):
                value = bool(value)
            elif name == "words":
                value = ""
        values[name] = value
    return values


def _old(kind: str, name: str) -> dict[str, Any]:
    """The task of the row that was named so."""
    tasks = [json.loads(row["payload"]["bytes"]) for row in ROWS["due"] if row["kind"] == kind]
    task: dict[str, Any] = next(task for task in tasks if task["entry"]["guid"] == name)
    return task


async def _by_name(database: Database) -> dict[str, jobs.PageJob]:
    """Every page by its entry's guid."""

    async def work(connection: AsyncConnection) -> list[str]:
        return list((await connection.execute(text("SELECT key FROM pages ORDER BY key"))).scalars())

    rows = [await database.pages.get(key) for key in await database._transactions.read(work)]
    return {page.entry.guid: page for row in rows if row is not None for page in [jobs.read(row)]}


async def _leased(database: Database, kind: str) -> set[str]:
    late = NOW + 5 * HOUR
    return {job.key for job in await database.due.lease(kind, limit=999, per_host=999, now=late, until=late + HOUR)}


async def test_every_page_is_known_with_all_that_was_known_of_it(earlier: str, prefix: str) -> None:
    async with open_database(earlier, schema=prefix) as database:
        pages = await _by_name(database)

    assert sorted(pages) == ["both", "degraded", "failing", "had", "leased", "new", "thread"]
    for name, page in pages.items():
        old = _old("thread" if name in ("both", "thread") else "page", name)
        row = page.row
        assert json.loads(row.entry) == old["entry"]
        assert (row.topic, row.partition, row.offset) == (old["topic"], old["partition"], old["offset"])
        assert (row.tries, row.looks) == (old.get("tries", 0), old.get("looks", 0))
        assert (row.article_id, row.etag, row.last_modified, row.has_comments, list(page.published.earlier)) == (
            old.get("article_id", ""),
            old.get("etag", ""),
            old.get("last_modified", ""),
            old.get("has_comments", False),
            old.get("captures", []),
        )
        assert (row.looked_at is not None) == ("looked_at" in old)
    assert pages["had"].row.forgotten_after == NOW + HOUR
    assert {name for name, page in pages.items() if page.row.forgotten_after is not None} == {"had"}


async def test_what_was_due_is_due_at_its_time_and_memory_is_no_work_any_more(earlier: str, prefix: str) -> None:
    async with open_database(earlier, schema=prefix) as database:
        pages = await _by_name(database)
        key = {name: page.row.key for name, page in pages.items()}
        assert await database.due.next_due(THREAD) == NOW
        due_now = {job.key for job in await database.due.lease(PAGE, limit=99, per_host=99, now=NOW, until=NOW + HOUR)}
        assert due_now == {key["new"], key["degraded"]}
        # The lease of the killed process has run out by then.
        assert await _leased(database, PAGE) == due_now | {key["failing"], key["leased"]}
        assert await _leased(database, THREAD) == {key["both"], key["thread"]}
        assert await _leased(database, COMMENTS) == set()


async def test_pages_are_known_under_the_keys_that_entries_give_them(earlier: str, prefix: str) -> None:
    """Else the same link in another feed, or an edited entry, would be taken for a page never seen."""
    async with open_database(earlier, schema=prefix) as database:
        pages = await _by_name(database)

    for page in pages.values():
        link = page.entry.url if "#" not in page.entry.url else "https://third.example/leased#part"
        assert page.row.key == digest("page", link, page.entry.revision)
        assert page.row.link == digest("link", link)


async def test_feeds_webhooks_items_and_alerts_are_as_they_were(earlier: str, prefix: str) -> None:
    async with open_database(earlier, schema=prefix) as database:
        assert [feed.url for feed in await database.feeds.list()] == sorted(row["url"] for row in ROWS["feeds"])
        assert await _leased(database, FEED) == {row["url"] for row in ROWS["feeds"]}
        assert await _leased(database, WEBHOOK) == {row["id"] for row in ROWS["deliveries"]}
        assert await database.items.count() == {"article": 2, "comment": 1}
        assert len(await database.alerts.list()) == 1
        assert await database.due.first_waiting([*KINDS, FEED, WEBHOOK]) is not None


async def test_many_rows_are_moved_some_at_a_time(earlier: str, prefix: str) -> None:
    """More than one batch of each kind, so none is passed over and none comes twice."""
    (row,) = [row for row in ROWS["due"] if row["kind"] == "thread" and '"guid":"thread"' in row["payload"]["bytes"]]

    async def add(connection: AsyncConnection) -> None:
        table = await connection.run_sync(lambda sync: Table("due", MetaData(), autoload_with=sync))
        for kind in ("page", "thread"):
            copies = [_row(_copied(row, kind, number), connection.dialect.name) for number in range(450)]
            await connection.execute(table.insert(), copies)

    await _before_the_upgrade(earlier, prefix, add)

    async with open_database(earlier, schema=prefix) as database:
        assert len(await _by_name(database)) == 7 + 450
        assert len(await _leased(database, THREAD)) == 2 + 450
        assert await database.due.next_due(PAGE) is not None


def _copied(row: dict[str, Any], kind: str, number: int) -> dict[str, Any]:
    payload = row["payload"]["bytes"].replace("/thread", f"/t{number}").replace('"thread"', f'"t{number}"')
    return row | {"kind": kind, "key": f"{number:032x}", "payload": {"bytes": payload}}


async def test_a_payload_that_nobody_can_read_is_kept_for_the_dead_letters(earlier: str, prefix: str) -> None:
    async def spoil(connection: AsyncConnection) -> None:
        await connection.execute(text("UPDATE due SET payload = :payload WHERE kind = 'thread'"), {"payload": b"what"})

    await _before_the_upgrade(earlier, prefix, spoil)

    async with open_database(earlier, schema=prefix) as database:
        keys = await _leased(database, THREAD)
        kept = [await database.pages.get(key) for key in keys]

    assert [page.entry for page in kept if page is not None] == [b"what", b"what"]
