"""Fairness of the due queue between hosts, on both databases."""

from __future__ import annotations

import asyncio
from collections import Counter

from tests.contracts.samples import NOW
from tests.contracts.test_due import MINUTE, job, keys, lease
from wiredesk.database import Database

pytest_plugins = ("tests.contracts.databases",)


async def test_a_hosts_bound_counts_what_is_leased_already(database: Database) -> None:
    await database.due.put([job(str(number)) for number in range(5)])
    first = await lease(database, per_host=2)
    assert len(first) == 2

    assert await lease(database, per_host=2) == []
    await database.due.done(first[0])
    assert len(await lease(database, per_host=2)) == 1
    assert len(await lease(database, per_host=3)) == 1


async def test_a_bound_holds_when_many_lease_at_once(database: Database) -> None:
    await database.due.put([job(f"{host}{number}", host=host) for host in "ab" for number in range(20)])

    leased = [one for jobs in await asyncio.gather(*(lease(database, per_host=3) for _ in range(8))) for one in jobs]

    assert len(keys(leased)) == len(set(keys(leased)))
    assert max(Counter(one.host for one in leased).values()) <= 3


async def test_every_host_has_its_turn_before_one_has_its_second(database: Database) -> None:
    await database.due.put([job(f"big{number}", host="big", due=NOW - MINUTE) for number in range(50)])
    await database.due.put([job("small", host="small"), job("tiny", host="tiny")])

    assert {one.host for one in await lease(database, limit=3, per_host=10)} == {"big", "small", "tiny"}


async def test_a_host_with_a_backlog_goes_behind_those_who_have_waited_longer(database: Database) -> None:
    await database.due.put([job(f"big{number}", host="big", due=NOW - MINUTE) for number in range(50)])
    await database.due.put([job("small", host="small")])
    (first,) = await lease(database, limit=1, now=NOW)
    await database.due.done(first)

    (second,) = await lease(database, limit=1, now=NOW + MINUTE)

    assert (first.host, second.host) == ("big", "small")
