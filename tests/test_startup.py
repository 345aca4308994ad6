from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import structlog

from wiredesk.errors import Unavailable
from wiredesk.observe import Health
from wiredesk.startup import Startup


class Server:
    """Away for the first `failures` calls."""

    def __init__(self, failures: int) -> None:
        self.failures, self.calls = failures, 0

    async def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.failures:
            raise Unavailable("postgresql://db: refused", dependency="database")
        return "open"


async def test_a_server_is_waited_for_as_long_as_it_takes_where_patience_has_no_end() -> None:
    startup = Startup([Health("store")], patience=None)

    assert await startup.opened("database", Server(failures=1)) == "open"


async def test_the_error_of_a_server_is_raised_where_patience_ends() -> None:
    startup = Startup([Health("store")], patience=timedelta())

    with pytest.raises(Unavailable, match="refused"):
        await startup.opened("database", Server(failures=1))


async def test_every_role_names_what_the_start_waits_for_until_it_is_over() -> None:
    healths = [Health("feeds"), Health("store")]
    startup = Startup(healths, patience=timedelta())

    await startup.opened("state", Server(failures=0))
    await startup.opened("database", Server(failures=0))

    assert [list(health.down) for health in healths] == [["database"], ["database"]]
    startup.over()
    assert [dict(health.down) for health in healths] == [{}, {}]


async def test_a_start_that_hangs_is_logged_though_nothing_fails() -> None:
    startup, hanging = Startup([Health("store")], patience=None, told_every=timedelta()), asyncio.Event()

    with structlog.testing.capture_logs() as lines:
        async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
            opening = tasks.create_task(startup.opened("database", hanging.wait))
            telling = tasks.create_task(startup.tell())
            while not lines:  # noqa: ASYNC110 - the log wakes nobody
                await asyncio.sleep(0)
            telling.cancel()
            hanging.set()

    assert opening.done()
    assert (lines[0]["event"], lines[0]["dependency"]) == ("start.waiting", "database")


def test_a_migration_is_told_with_what_it_does() -> None:
    health = Health("store")
    startup = Startup([health], patience=None)

    startup.migrating(["0007 Something new."])

    assert dict(health.down) == {"migration": "starting: 0007 Something new."}
    assert startup.waiting_for == "migration"
