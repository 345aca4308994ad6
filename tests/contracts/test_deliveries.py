"""Webhooks sent and failing, and their endpoints, on both databases."""

from __future__ import annotations

import asyncio

import pytest

from tests.contracts.raising import MINUTE, lease, one_job, ops, raise_all, raised
from tests.contracts.samples import NOW
from tests.contracts.statements import executed
from wiredesk.database import Database
from wiredesk.database.alerts import WEBHOOK, Attempt, StoredEndpoint

pytest_plugins = ("tests.contracts.databases",)


async def test_a_failed_try_is_noted_and_due_again_in_one(database: Database) -> None:
    await raise_all(database, raised())
    job = await one_job(database)
    later = NOW + MINUTE

    note = Attempt(job=job, status="waiting", at=NOW, reason="answered 500", status_code=500, next_at=later)
    assert await database.alerts.noted(note)

    (known,) = await database.alerts.list()
    assert (known.status, known.tries, known.status_code, known.reason) == ("waiting", 1, 500, "answered 500")
    assert (known.tried_at, known.next_at) == (NOW, later)
    (again,) = await database.due.lease(WEBHOOK, limit=9, per_host=9, now=later, until=later + MINUTE)
    assert (again.key, again.attempts) == (job.key, 1)


async def test_what_was_only_put_off_counts_as_no_try(database: Database) -> None:
    await raise_all(database, raised())
    job = await one_job(database)

    note = Attempt(job=job, status="waiting", at=NOW, next_at=NOW + MINUTE, is_try=False)
    await database.alerts.noted(note)

    (known,) = await database.alerts.list()
    assert (known.tries, known.tried_at, known.next_at) == (0, None, NOW + MINUTE)
    (again,) = await database.due.lease(WEBHOOK, limit=9, per_host=9, now=NOW + MINUTE, until=NOW + 2 * MINUTE)
    assert again.attempts == 0


@pytest.mark.parametrize("status", ["delivered", "failed"])
async def test_what_has_ended_is_kept_and_due_no_more(database: Database, status: str) -> None:
    await raise_all(database, raised())

    await database.alerts.noted(Attempt(job=await one_job(database), status=status, at=NOW, reason="so"))  # type: ignore[arg-type]

    (known,) = await database.alerts.list()
    assert (known.status, known.reason, known.next_at) == (status, "so", None)
    assert await database.due.next_due(WEBHOOK) is None


async def test_tries_noted_at_once_change_an_endpoint_in_one_statement(database: Database) -> None:
    await database.alerts.sync_endpoints([ops()])
    await raise_all(database, *(raised(f"r-{number:02}", story=f"s{number}") for number in range(12)))
    heard = [None, False, False, True, False, False, None, False, None, None, None, None]
    notes = [
        Attempt(
            job=job,
            status="waiting",
            at=NOW,
            next_at=NOW + MINUTE,
            heard=heard[number],
            pauses_until=NOW + number * MINUTE if number in (2, 8, 5) else None,
        )
        for number, job in enumerate(await lease(database, per_host=12))
    ]

    with executed() as statements:
        assert all(await database.alerts._note_all(notes))

    assert sum(statement.startswith("UPDATE endpoints") for statement in statements) == 1
    (endpoint,) = await database.alerts.endpoints()
    assert (endpoint.silences, endpoint.paused_until) == (3, NOW + 8 * MINUTE)


async def test_a_note_without_the_lease_changes_nothing(database: Database) -> None:
    await database.alerts.sync_endpoints([ops()])
    await raise_all(database, raised())
    late = await one_job(database)
    await database.due.lease(WEBHOOK, limit=9, per_host=9, now=NOW + MINUTE, until=NOW + 2 * MINUTE)

    note = Attempt(job=late, status="failed", at=NOW, disables="answered 410", pauses_until=NOW + MINUTE)
    assert not await database.alerts.noted(note)

    (known,) = await database.alerts.list()
    assert (known.status, known.tries) == ("waiting", 0)
    assert await database.alerts.endpoints() == [ops()]


async def test_notes_that_come_together_are_all_kept(database: Database) -> None:
    await raise_all(database, *(raised(f"r-{n}", capture=f"c{n}", endpoints=("ops", "desk")) for n in range(20)))
    jobs = await lease(database, per_host=99)

    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        for job in jobs:
            tasks.create_task(database.alerts.noted(Attempt(job=job, status="delivered", at=NOW)))

    assert {one.status for one in await database.alerts.list()} == {"delivered"}
    assert len(jobs) == 40


async def test_an_endpoint_is_disabled_until_its_url_changes(database: Database) -> None:
    await database.alerts.sync_endpoints([ops()])
    await raise_all(database, raised(), raised("r-t", capture="c2"))
    first, second = await lease(database)
    await database.alerts.noted(Attempt(job=first, status="failed", at=NOW, disables="answered 410"))

    await database.alerts.sync_endpoints([ops()])
    parcel = await database.alerts.parcel(second.key)
    assert parcel is not None
    assert parcel.disabled_reason == "answered 410"
    assert [one.disabled_at for one in await database.alerts.endpoints()] == [NOW]

    await database.alerts.sync_endpoints([ops("https://ops.example/new")])
    assert await database.alerts.endpoints() == [ops("https://ops.example/new")]


async def test_of_two_pauses_the_longer_holds(database: Database) -> None:
    await database.alerts.sync_endpoints([ops()])
    await raise_all(database, raised(), raised("r-t", capture="c2"))
    for job, minutes in zip(await lease(database), (5, 2), strict=True):
        until = NOW + minutes * MINUTE
        await database.alerts.noted(Attempt(job=job, status="waiting", at=NOW, next_at=until, pauses_until=until))

    assert [one.paused_until for one in await database.alerts.endpoints()] == [NOW + 5 * MINUTE]


async def test_silences_are_counted_until_an_answer(database: Database) -> None:
    await database.alerts.sync_endpoints([ops()])
    await raise_all(database, *(raised(f"r-{number}", capture=f"c{number}") for number in range(4)))
    *silent, last = await lease(database)
    for job in silent:
        await database.alerts.noted(Attempt(job=job, status="waiting", at=NOW, next_at=NOW + MINUTE, heard=False))

    parcel = await database.alerts.parcel(last.key)
    assert parcel is not None
    assert parcel.silences == 3

    await database.alerts.noted(Attempt(job=last, status="delivered", at=NOW, heard=True))
    assert await database.alerts.endpoints() == [ops()]


async def test_endpoints_are_those_of_the_file(database: Database) -> None:
    desk = StoredEndpoint(name="desk", url="https://desk.example/", secret="file:/run/secrets/desk")
    await database.alerts.sync_endpoints([ops(), desk])
    assert await database.alerts.endpoints() == [desk, ops()]

    await database.alerts.sync_endpoints([ops()])
    assert await database.alerts.endpoints() == [ops()]

    await database.alerts.sync_endpoints([])
    assert await database.alerts.endpoints() == []


async def test_a_retry_sends_the_same_again_with_all_its_tries(database: Database) -> None:
    await database.alerts.sync_endpoints([ops()])
    await raise_all(database, raised(body=b"frozen"))
    job = await one_job(database)
    await database.alerts.noted(
        Attempt(job=job, status="failed", at=NOW, reason="answered 410", disables="answered 410")
    )

    assert await database.alerts.retry(job.key, now=NOW)

    again = await one_job(database)
    assert (again.key, again.attempts) == (job.key, 0)
    parcel = await database.alerts.parcel(again.key)
    assert parcel is not None
    assert (parcel.body, parcel.disabled_reason) == (b"frozen", "")
    known = await database.alerts.get(job.key)
    assert known is not None
    assert (known.status, known.tries, known.body) == ("waiting", 1, b"frozen")


async def test_a_retry_hurries_what_waits_and_knows_no_strangers(database: Database) -> None:
    await raise_all(database, raised())
    job = await one_job(database)
    await database.alerts.noted(Attempt(job=job, status="waiting", at=NOW, next_at=NOW + 60 * MINUTE))

    assert await database.alerts.retry(job.key, now=NOW)

    assert (await one_job(database)).attempts == 0
    assert not await database.alerts.retry("stranger", now=NOW)
    assert await database.alerts.get("stranger") is None
    assert await database.alerts.parcel("stranger") is None


async def test_deliveries_are_listed_newest_first_by_status_and_endpoint(database: Database) -> None:
    for number in range(3):
        now = NOW + number * MINUTE
        one = raised(f"r-{number}", capture=f"c{number}", endpoints=("ops", "desk"))
        await database.alerts.raise_all([one], captures=[one.capture], now=now)
    await database.alerts.noted(Attempt(job=(await lease(database))[0], status="delivered", at=NOW))

    assert [one.id for one in await database.alerts.list(endpoint="ops", limit=2)] == ["r-2-ops", "r-1-ops"]
    assert len(await database.alerts.list(status="waiting")) == 5
    assert len(await database.alerts.list(status="delivered")) == 1
