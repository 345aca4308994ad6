"""Sessions that were signed out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from wiredesk.database import Database
from wiredesk.database.tables import signed_out_sessions

pytest_plugins = ("tests.contracts.databases",)


async def test_a_session_is_signed_out_once_it_was_added_however_often(database: Database) -> None:
    ends = datetime.now(UTC) + timedelta(days=1)
    assert not await database.signed_out.holds("s1")

    for _ in range(2):
        await database.signed_out.add("s1", ends=ends)

    assert await database.signed_out.holds("s1")
    assert not await database.signed_out.holds("s2")


async def test_sessions_that_have_run_out_leave_the_list(database: Database) -> None:
    await database.signed_out.add("over", ends=datetime.now(UTC) - timedelta(seconds=1))

    await database.signed_out.add("s1", ends=datetime.now(UTC) + timedelta(days=1))

    count = select(func.count()).select_from(signed_out_sessions)
    assert await database._transactions.read(lambda connection: connection.scalar(count)) == 1
