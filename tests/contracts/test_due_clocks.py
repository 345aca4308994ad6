"""The due queue under a clock that was set back, on both databases."""

from __future__ import annotations

from datetime import timedelta

from tests.contracts.samples import NOW
from tests.contracts.test_due import MINUTE, job, keys, lease
from wiredesk.database import Database

pytest_plugins = ("tests.contracts.databases",)

HOUR = timedelta(hours=1)
AHEAD = NOW + HOUR


async def set_back(database: Database) -> None:
    await database.due.set_back("page", now=NOW, by=HOUR, until=NOW + MINUTE)


async def test_rows_are_due_when_they_were_to_be(database: Database) -> None:
    await database.due.put([job("now", due=AHEAD), job("later", due=AHEAD + MINUTE / 2), job("other", kind="thread")])

    await set_back(database)

    assert keys(await lease(database)) == ["now"]
    assert await lease(database, now=NOW + MINUTE / 2 - timedelta(seconds=1)) == []
    assert keys(await lease(database, now=NOW + MINUTE / 2)) == ["later"]


async def test_a_row_is_never_due_earlier_than_now(database: Database) -> None:
    await database.due.put([job("soon", due=NOW + MINUTE), job("long ago", due=NOW - MINUTE)])

    await set_back(database)

    assert [(one.key, one.due) for one in await lease(database)] == [("long ago", NOW - MINUTE), ("soon", NOW)]


async def test_rows_that_are_due_after_a_given_time_may_be_left_alone(database: Database) -> None:
    await database.due.put([job("stray", due=AHEAD), job("later", due=AHEAD + MINUTE / 2)])

    await database.due.set_back("page", now=NOW, by=HOUR, until=NOW + MINUTE, due_until=AHEAD)

    assert keys(await lease(database, now=NOW + MINUTE / 2)) == ["stray"]


async def test_a_host_that_was_served_by_the_clock_ahead_has_its_turn(database: Database) -> None:
    await database.due.put([job("first", due=AHEAD)])
    await lease(database, now=AHEAD)
    await database.due.put([job("second")])
    assert await lease(database) == []

    await set_back(database)

    assert keys(await lease(database)) == ["second"]


async def test_no_lease_runs_longer_than_one_that_is_taken_now(database: Database) -> None:
    await database.due.put([job("1", due=AHEAD)])
    (held,) = await lease(database, now=AHEAD)

    await set_back(database)

    assert await lease(database, now=NOW + MINUTE - timedelta(seconds=1)) == []
    (again,) = await lease(database, now=NOW + MINUTE)
    assert (again.key, again.attempts) == ("1", 1)
    assert not await database.due.done(held)


async def test_the_last_lease_is_remembered_while_its_host_has_rows(database: Database) -> None:
    assert await database.due.last_lease("page") is None
    await database.due.put([job("1"), job("2", due=AHEAD)])
    (held,) = await lease(database)
    await database.due.done(held)

    assert await database.due.last_lease("page") == NOW


async def test_leases_that_ran_out_while_nobody_could_renew_them_are_prolonged_and_longer_ones_left(
    database: Database,
) -> None:
    await database.due.put([job("1"), job("2", host="b.example"), job("3", kind="thread")])
    held = await lease(database)
    await database.due.renew([one for one in held if one.key == "2"], until=NOW + HOUR)

    await database.due.prolong("page", until=NOW + 3 * MINUTE)

    assert await lease(database, now=NOW + 2 * MINUTE) == []
    (again,) = await lease(database, now=NOW + 3 * MINUTE)
    assert (again.key, again.attempts) == ("1", 1)
    assert all([await database.due.done(one) for one in held if one.key == "2"])
