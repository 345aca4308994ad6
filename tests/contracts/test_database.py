"""Opening, migrating and losing either database."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.contracts.samples import NOW, an_article
from wiredesk import database as records
from wiredesk.database import Database, open_database
from wiredesk.database.due import Job
from wiredesk.database.items import ItemQuery
from wiredesk.database.migrations import history
from wiredesk.database.tables import VERSION, metadata
from wiredesk.database.transactions import Transactions
from wiredesk.errors import Misconfigured, Unavailable

pytest_plugins = ("tests.contracts.databases",)


def transactions_of(database: Database) -> Transactions:
    return database._transactions


async def set_version(database: Database, version: str) -> None:
    async def work(connection: AsyncConnection) -> None:
        await connection.execute(text("UPDATE schema_version SET version_num = :version"), {"version": version})

    await transactions_of(database).write(work)


async def test_an_open_database_answers(database: Database) -> None:
    await database.check()


async def test_what_was_stored_is_there_after_opening_again(database_url: str, prefix: str) -> None:
    async with open_database(database_url, schema=prefix) as first:
        await first.items.put([an_article()], now=NOW)

    async with open_database(database_url, schema=prefix) as second:
        assert await second.items.count() == {"article": 1}


async def test_openers_at_once_migrate_once(database_url: str, prefix: str) -> None:
    async def enter() -> dict[str, int]:
        async with open_database(database_url, schema=prefix) as database:
            return await database.items.count()

    async with asyncio.timeout(60):
        assert await asyncio.gather(*(enter() for _ in range(4))) == [{}] * 4


async def test_what_is_due_is_planned_and_applied_once(database_url: str, prefix: str) -> None:
    planned = await records.plan(database_url, schema=prefix)

    assert [line.split()[0] for line in planned] == list(history())
    assert await records.apply(database_url, schema=prefix) == planned
    assert await records.plan(database_url, schema=prefix) == ()
    assert await records.apply(database_url, schema=prefix) == ()


async def test_the_newest_migration_is_the_schema_that_the_code_knows() -> None:
    assert list(history())[-1] == VERSION


async def test_the_migrations_lead_to_the_tables_that_the_code_knows(database: Database, database_url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    sqlites_own = ("item_words", "schema_version", "item_events_words")  # FTS5 instead of the index over the words
    skipped = sqlites_own if database_url.startswith("sqlite:") else ("schema_version",)
    options = {"include_object": lambda thing, name, *_: not (name or "").startswith(skipped)}

    async def work(connection: AsyncConnection) -> list[object]:
        return await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync, opts=options), metadata)
        )

    assert await transactions_of(database).read(work) == []


async def test_a_newer_schema_is_refused(database: Database, database_url: str, prefix: str) -> None:
    await set_version(database, "9999")

    with pytest.raises(Misconfigured, match="9999, newer than"):
        async with open_database(database_url, schema=prefix):
            pass
    with pytest.raises(Misconfigured, match="9999, newer than"):
        await records.plan(database_url, schema=prefix)


@pytest.mark.parametrize(
    "url", ["mysql://h/db", "sqlite://", "sqlite:///", "sqlite:///no/such/folder/here", "nonsense"]
)
def test_urls_that_name_no_database_are_refused(url: str) -> None:
    with pytest.raises(Misconfigured):
        open_database(url, schema="wiredesk")


async def test_a_bug_in_our_statement_is_no_outage(database: Database) -> None:
    async def work(connection: AsyncConnection) -> None:
        await connection.execute(text("SELECT nothing FROM nowhere"))

    with pytest.raises(Exception, match="nowhere") as caught:
        await transactions_of(database).read(work)

    assert not isinstance(caught.value, Unavailable)


async def test_nothing_of_a_failed_transaction_is_kept(database: Database) -> None:
    async def work(connection: AsyncConnection) -> None:
        await connection.execute(text("UPDATE counters SET value = 99"))
        raise KeyError("our bug")

    with pytest.raises(KeyError):
        await transactions_of(database).write(work)

    assert await database.items.head() == 0


async def test_a_cancelled_transaction_leaves_nothing_behind_and_holds_up_nobody(database: Database) -> None:
    begun = asyncio.Event()

    async def work(connection: AsyncConnection) -> None:
        await connection.execute(text("UPDATE counters SET value = 99"))
        begun.set()
        await asyncio.Event().wait()

    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        stuck = tasks.create_task(transactions_of(database).write(work))
        await begun.wait()
        stuck.cancel()

    assert await database.items.put([an_article()], now=NOW) == [True]
    assert await database.items.head() == 1


async def test_a_server_that_is_not_there_is_unavailable(unused_tcp_port: int) -> None:
    with pytest.raises(Unavailable) as caught:
        async with open_database(f"postgresql://user:secret@127.0.0.1:{unused_tcp_port}/x", schema="wiredesk"):
            pass

    assert caught.value.dependency == "database"
    assert "secret" not in str(caught.value)


@pytest.mark.servers
async def test_a_database_that_does_not_exist_is_a_wrong_setting(postgres_url: str) -> None:
    url = urlsplit(postgres_url)._replace(path="/nosuchdatabase").geturl()

    with pytest.raises(Misconfigured, match="nosuchdatabase"):
        async with open_database(url, schema="wiredesk"):
            pass


@pytest.mark.servers
async def test_lost_connections_are_an_outage_and_the_next_call_gets_through(postgres_url: str, prefix: str) -> None:
    async def end_all(connection: AsyncConnection) -> None:
        await connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name"),
            {"name": prefix},
        )

    async with (
        open_database(postgres_url, schema=prefix, application=prefix, connections=3) as database,
        open_database(postgres_url, schema=prefix) as other,
    ):
        await asyncio.gather(*(database.check() for _ in range(3)))
        await transactions_of(other).write(end_all)

        with pytest.raises(Unavailable, match=r"^postgresql://\S+: (?!<class)"):
            await database.items.put([an_article()], now=NOW)

        assert await database.items.put([an_article()], now=NOW) == [True]


@pytest.mark.servers
async def test_a_deadlock_is_tried_again(postgres_url: str, prefix: str) -> None:
    """Two transactions that each want what the other holds: one is refused by the server, starts afresh and passes."""
    tries: list[str] = []
    both_hold = asyncio.Barrier(2)

    async def work(connection: AsyncConnection, first: str, second: str) -> None:
        tries.append(first)
        count = text("UPDATE counters SET value = value + 1 WHERE name = :name")
        await connection.execute(count, {"name": first})
        if tries.count(first) == 1:
            await both_hold.wait()
        await connection.execute(count, {"name": second})

    async def add_counter(connection: AsyncConnection) -> None:
        await connection.execute(text("INSERT INTO counters (name, value) VALUES ('other', 0)"))

    async with open_database(postgres_url, schema=prefix) as database:
        transactions = transactions_of(database)
        await transactions.write(add_counter)
        async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
            tasks.create_task(transactions.write(lambda connection: work(connection, "items", "other")))
            tasks.create_task(transactions.write(lambda connection: work(connection, "other", "items")))

        assert len(tries) == 3
        assert await database.items.head() == 2


@pytest.mark.servers
async def test_two_prefixes_share_a_server_and_see_nothing_of_each_other(postgres_url: str, prefix: str) -> None:
    async with (
        open_database(postgres_url, schema=f"{prefix}-a") as one,
        open_database(postgres_url, schema=f"{prefix}-b") as other,
    ):
        await one.items.put([an_article()], now=NOW)

        assert await other.items.count() == {}


async def test_a_file_that_is_no_database_is_misconfigured(tmp_path: Path) -> None:
    path = tmp_path / "database.sqlite"
    path.write_text("this is no database, however long one makes it" * 100)

    with pytest.raises(Misconfigured, match="not a database"):
        async with open_database(f"sqlite:///{path}", schema=""):
            pass


async def test_a_file_that_somebody_else_keeps_locked_is_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wiredesk.database.sqlite.LOCK_LIMIT", NOW - NOW)
    path = tmp_path / "database.sqlite"
    async with open_database(f"sqlite:///{path}", schema="") as database:
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")

        with pytest.raises(Unavailable, match="locked"):
            await database.items.put([an_article()], now=NOW)

        assert await database.items.count() == {}
        holder.execute("ROLLBACK")
        holder.close()
        assert await database.items.put([an_article()], now=NOW) == [True]


async def test_a_full_disk_is_an_outage(tmp_path: Path) -> None:
    async with open_database(f"sqlite:///{tmp_path / 'database.sqlite'}", schema="") as database:

        async def allow(connection: AsyncConnection, pages: int) -> None:
            await connection.execute(text(f"PRAGMA max_page_count = {pages}"))

        await transactions_of(database).write(lambda connection: allow(connection, 1))
        many = [an_article(f"a{number}", text=f"{number} " * 500) for number in range(100)]

        with pytest.raises(Unavailable, match="full"):
            await database.items.put(many, now=NOW)

        await transactions_of(database).write(lambda connection: allow(connection, 100_000))
        assert all(await database.items.put(many, now=NOW))


OTHER_PROCESS = """
import asyncio, sys
from tests.contracts.samples import NOW, an_article
from wiredesk.database import open_database

async def main():
    async with open_database(sys.argv[1], schema="") as database:
        print("open", flush=True)
        for number in range(30):
            await database.items.put([an_article(f"theirs{number}")], now=NOW)
        jobs = await database.due.lease("page", limit=5, per_host=5, now=NOW, until=NOW.replace(year=2099))
        print(len(jobs), flush=True)

asyncio.run(main())
"""


async def test_another_process_may_share_the_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'database.sqlite'}"
    async with asyncio.timeout(60), open_database(url, schema="") as database:
        await database.due.put([Job(kind="page", key=str(n), host="h", due=NOW) for n in range(8)])
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", OTHER_PROCESS, url, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        assert await process.stdout.readline() == b"open\n"

        for number in range(30):
            await database.items.put([an_article(f"ours{number}")], now=NOW)

        assert await process.stdout.readline() == b"5\n"
        assert await process.wait() == 0
        assert await database.items.count() == {"article": 60}
        assert len({item.seq for item in await database.items.search(ItemQuery(limit=100))}) == 60
        assert len(await database.due.lease("page", limit=9, per_host=9, now=NOW, until=NOW)) == 3
