"""The due queue, on both databases."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contracts.samples import NOW
from wiredesk.database import Database, open_database
from wiredesk.database.due import Job, Settlement

pytest_plugins = ("tests.contracts.databases",)

MINUTE = timedelta(minutes=1)


def job(key: str, *, host: str = "a.example", due: datetime = NOW, kind: str = "page", routine: bool = False) -> Job:
    return Job(kind=kind, key=key, host=host, due=due, routine=routine)


async def lease(
    database: Database, *, limit: int = 100, per_host: int = 100, now: datetime = NOW, kind: str = "page"
) -> Sequence[Job]:
    return await database.due.lease(kind, limit=limit, per_host=per_host, now=now, until=now + MINUTE)


def keys(jobs: Sequence[Job]) -> list[str]:
    return [one.key for one in jobs]


async def test_a_row_put_again_is_left_alone(database: Database) -> None:
    assert await database.due.put([job("1"), job("2")]) == 2

    assert await database.due.put([job("2", due=NOW - MINUTE), job("3"), job("3")]) == 1

    assert await lease(database, now=NOW - MINUTE) == []
    assert keys(await lease(database)) == ["1", "2", "3"]


async def test_a_leased_job_is_what_was_put(database: Database) -> None:
    put = Job(kind="page", key="k", host="h", due=NOW, attempts=3, routine=True)
    await database.due.put([put])

    (leased,) = await lease(database)

    assert leased.lease
    assert leased == Job(
        **{name: getattr(put, name) for name in ("kind", "key", "host", "due")},
        attempts=3,
        routine=True,
        lease=leased.lease,
    )


async def test_only_due_rows_of_that_kind_are_leased_first_due_first(database: Database) -> None:
    await database.due.put(
        [
            job("later", due=NOW + MINUTE),
            job("second"),
            job("first", due=NOW - MINUTE, host="b.example"),
            job("other", kind="thread"),
        ]
    )

    assert keys(await lease(database)) == ["first", "second"]


async def test_nothing_is_leased_twice(database: Database) -> None:
    await database.due.put([job("1"), job("2")])

    assert keys(await lease(database, limit=1)) == ["1"]
    assert keys(await lease(database)) == ["2"]
    assert await lease(database) == []


async def test_a_dead_workers_row_comes_again_with_one_attempt_more(database: Database) -> None:
    await database.due.put([job("1")])
    (dead,) = await lease(database)

    assert await lease(database, now=NOW + MINUTE - timedelta(seconds=1)) == []
    (again,) = await lease(database, now=NOW + MINUTE)

    assert (again.due, again.attempts) == (NOW, 1)
    assert not await database.due.done(dead)
    assert await database.due.done(again)


async def test_done_deletes_or_dates_again_and_keeps_what_is_not_given(database: Database) -> None:
    await database.due.put([job("gone"), job("again"), job("changed")])
    gone, again, changed = sorted(await lease(database), key=lambda one: ["gone", "again", "changed"].index(one.key))

    settled = await database.due.done_many(
        [
            Settlement(job=gone),
            Settlement(job=again, again_at=NOW + MINUTE),
            Settlement(job=changed, again_at=NOW + 2 * MINUTE, routine=True, attempts=7),
            Settlement(job=gone),
        ]
    )

    assert settled == [True, True, True, False]
    left = await lease(database, now=NOW + 2 * MINUTE)
    assert [(one.key, one.routine, one.attempts) for one in left] == [
        ("again", False, 0),
        ("changed", True, 7),
    ]


async def test_a_job_that_was_never_leased_cannot_be_done(database: Database) -> None:
    await database.due.put([job("1")])

    assert not await database.due.done(job("1"))
    assert keys(await lease(database)) == ["1"]


async def test_next_due_is_the_first_due_time_or_lease_end(database: Database) -> None:
    assert await database.due.next_due("page") is None
    await database.due.put([job("1", due=NOW), job("2", due=NOW + 5 * MINUTE)])
    assert await database.due.next_due("page") == NOW

    await lease(database)

    assert await database.due.next_due("page") == NOW + MINUTE


async def test_next_due_can_leave_out_hosts_that_are_at_their_bound(database: Database) -> None:
    await database.due.put([job("1"), job("2")])
    await lease(database, per_host=1)

    assert (await database.due.next_due("page") or NOW) <= NOW
    assert await database.due.next_due("page", per_host=1) == NOW + MINUTE


async def test_what_is_waited_for_is_not_routine(database: Database) -> None:
    await database.due.put([job("2", due=NOW + MINUTE), job("1"), job("r", routine=True), job("t", kind="thread")])
    await lease(database, limit=1)

    assert keys(await database.due.waiting(["page"])) == ["1", "2"]
    assert keys(await database.due.waiting(["page", "thread"])) == ["1", "t", "2"]
    assert list(await database.due.waiting([])) == []


async def test_a_row_can_be_hurried_unless_somebody_works_on_it(database: Database) -> None:
    await database.due.put([job("1", due=NOW + MINUTE), job("2", due=NOW - MINUTE)])

    assert await database.due.hurry("page", "1", now=NOW)
    assert await database.due.hurry("page", "2", now=NOW)
    assert not await database.due.hurry("page", "3", now=NOW)

    assert [(one.key, one.due) for one in await lease(database)] == [("2", NOW - MINUTE), ("1", NOW)]
    assert not await database.due.hurry("page", "1", now=NOW)


async def test_removed_rows_are_nobodys(database: Database) -> None:
    await database.due.put([job("1"), job("2"), job("3")])
    (leased,) = await lease(database, limit=1)

    assert await database.due.remove("page", ["1", "2", "nine"]) == 2

    assert not await database.due.done(leased)
    assert keys(await lease(database)) == ["3"]
    assert await database.due.remove("page", []) == 0


async def test_the_oldest_is_what_nobody_works_on(database: Database) -> None:
    await database.due.put([job("1", due=NOW - 2 * MINUTE), job("2", due=NOW - MINUTE), job("3", due=NOW + MINUTE)])
    assert await database.due.oldest("page", now=NOW) == 2 * MINUTE

    await lease(database, limit=1)

    assert await database.due.oldest("page", now=NOW) == MINUTE
    assert await database.due.oldest("page", now=NOW - MINUTE - timedelta(seconds=1)) is None


async def test_calls_of_done_that_come_together_are_all_answered(database: Database) -> None:
    await database.due.put([job(str(number), host=f"h{number % 7}") for number in range(60)])
    leased = await lease(database)

    answers = await asyncio.gather(*(database.due.done(one) for one in [*leased, *leased]))

    assert answers == [True] * 60 + [False] * 60


async def test_putting_leasing_and_finishing_at_once_loses_nothing(database: Database) -> None:
    """Eight workers on few hosts, while others put: whatever locks are taken, nobody deadlocks for good."""
    wanted = {f"{number}" for number in range(200)}
    done: list[str] = []

    async def put(part: int) -> None:
        for number in range(part, 200, 4):
            await database.due.put([job(str(number), host=f"h{number % 3}")])

    async def work() -> None:
        while len(done) < len(wanted):
            jobs = await lease(database, limit=5, per_host=4)
            done.extend(
                one.key
                for one, is_done in zip(
                    jobs, await database.due.done_many([Settlement(job=one) for one in jobs]), strict=True
                )
                if is_done
            )

    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        for part in range(4):
            tasks.create_task(put(part))
        for _ in range(4):
            tasks.create_task(work())

    assert sorted(done) == sorted(wanted)
    assert await database.due.next_due("page") is None


HOSTS = ("a", "b")
step = st.one_of(
    st.tuples(st.just("put"), st.integers(0, 9), st.sampled_from(HOSTS), st.integers(-2, 3)),
    st.tuples(st.just("lease"), st.integers(1, 4), st.just(""), st.integers(1, 3)),
    st.tuples(st.sampled_from(["done", "again"]), st.integers(0, 5), st.just(""), st.integers(0, 3)),
    st.tuples(st.just("wait"), st.integers(1, 3), st.just(""), st.just(0)),
)


@given(steps=st.lists(step, max_size=30))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_no_row_is_leased_twice_at_once_lost_or_over_its_hosts_bound(
    steps: list[tuple[str, int, str, int]], database_url: str, prefix: str
) -> None:
    asyncio.run(_live_through(steps, database_url, prefix))


async def _live_through(steps: list[tuple[str, int, str, int]], database_url: str, prefix: str) -> None:
    """A model beside the real queue: rows by key as (host, due), leases by key as (job, end)."""
    per_host = 2
    async with open_database(database_url, schema=prefix) as database:
        await database.due.remove("page", [str(number) for number in range(10)])
        now, rows, leases = NOW, dict[str, tuple[str, datetime]](), dict[str, tuple[Job, datetime]]()
        for what, number, host, other in steps:
            if what == "put":
                key, due = str(number), now + other * MINUTE
                host = rows[key][0] if key in rows else host
                assert await database.due.put([job(key, host=host, due=due)]) == (key not in rows)
                rows.setdefault(key, (host, due))
            elif what == "lease":
                until = now + other * MINUTE
                found = await database.due.lease("page", limit=number, per_host=per_host, now=now, until=until)
                leases = {key: held for key, held in leases.items() if held[1] > now}
                assert not set(keys(found)) & set(leases)
                leases |= {one.key: (one, until) for one in found}
                assert all(rows[one.key] == (one.host, one.due) and one.due <= now for one in found)
                busy = Counter(rows[key][0] for key in leases)
                assert max(busy.values(), default=0) <= per_host
                free = Counter(at for key, (at, due) in rows.items() if due <= now and key not in leases)
                assert len(found) == number or not any(free[at] and busy[at] < per_host for at in HOSTS)
            elif what == "wait":
                now += number * MINUTE
            elif leases:
                key = sorted(leases)[number % len(leases)]
                again_at = None if what == "done" else now + other * MINUTE
                held, end = leases.pop(key)
                if await database.due.done(held, again_at=again_at):
                    host, _ = rows.pop(key)
                    if again_at:
                        rows[key] = (host, again_at)
                else:
                    assert end <= now
        everything = await database.due.lease(
            "page", limit=99, per_host=99, now=now + 99 * MINUTE, until=now + 999 * MINUTE
        )
        assert set(keys(everything)) == set(rows)
