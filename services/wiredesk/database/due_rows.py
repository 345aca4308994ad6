"""Rows of the due queue, changed within a transaction that is already under way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database import fair_hosts
from wiredesk.database.changes import DUE, notify
from wiredesk.database.columns import Instant
from wiredesk.database.statements import insert_into, padded
from wiredesk.database.tables import due


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A piece of work, named by kind and key; its owner keeps what it is about under that key.

    `routine` is work that comes again and again, for which nobody waits; `lease` the token of who works on it.
    """

    kind: str
    key: str
    host: str
    due: datetime
    attempts: int = 0
    routine: bool = False
    lease: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What becomes of a leased job: deleted, or due again; what is None stays as it is, but attempts begin anew."""

    job: Job
    again_at: datetime | None = None
    routine: bool | None = None
    attempts: int | None = None


COLUMNS = (due.c.kind, due.c.key, due.c.host, due.c.due, due.c.attempts, due.c.routine, due.c.lease)


def job_of(row: Row[Any]) -> Job:
    """The job in a row of `COLUMNS`."""
    kind, key, host, due_at, attempts, routine, lease = row
    return Job(
        kind=kind,
        key=key,
        host=host,
        due=due_at,
        attempts=attempts,
        routine=routine,
        lease=lease or "",
    )


async def insert(connection: AsyncConnection, kind: str, jobs: Mapping[str, Job]) -> int:
    """Insert `jobs` by key, all of one kind; how many were not there yet."""
    hosts = [job.host for job in jobs.values()]
    await fair_hosts.hold_or_make(connection, kind, hosts)
    known = select(due.c.key).where(due.c.kind == kind, due.c.key.in_(padded(sorted(jobs))))
    known_keys = set((await connection.execute(known)).scalars())
    rows = [
        {
            "kind": kind,
            "key": key,
            "host": job.host,
            "due": job.due,
            "attempts": job.attempts,
            "routine": job.routine,
        }
        for key, job in sorted(jobs.items())
        if key not in known_keys
    ]
    if rows:
        await connection.execute(insert_into(connection, due).on_conflict_do_nothing(), rows)
        await notify(connection, DUE)
    await fair_hosts.refresh(connection, kind, hosts)
    return len(rows)


async def postpone(connection: AsyncConnection, kind: str, jobs: Mapping[str, Job]) -> None:
    """Let rows that nobody works on be due when `jobs` say, if that is later; their hosts are held by the caller."""
    for key, job in sorted(jobs.items()):
        mine = (due.c.kind == kind, due.c.key == key, due.c.lease.is_(None), due.c.due < job.due)
        await connection.execute(update(due).where(*mine).values(due=job.due))
    if jobs:
        await fair_hosts.refresh(connection, kind, [job.host for job in jobs.values()])


async def settle(connection: AsyncConnection, kind: str, outcomes: Mapping[str, Settlement]) -> set[str]:
    """Carry out `outcomes` by key, all of one kind; the keys of the rows that were still leased to the caller."""
    hosts = [outcome.job.host for outcome in outcomes.values()]
    await fair_hosts.hold(connection, kind, hosts)
    tokens = select(due.c.key, due.c.lease).where(due.c.kind == kind, due.c.key.in_(padded(sorted(outcomes))))
    held = {key for key, lease in await connection.execute(tokens) if lease and lease == outcomes[key].job.lease}
    done = sorted(key for key in held if outcomes[key].again_at is None)
    again = [outcomes[key] for key in sorted(held) if outcomes[key].again_at is not None]
    if done:
        await connection.execute(delete(due).where(due.c.kind == kind, due.c.key.in_(padded(done))))
    if again:
        await connection.execute(_REDATE, [_redated(outcome) for outcome in again])
    if held:
        await fair_hosts.refresh(connection, kind, hosts)
        await fair_hosts.forget_idle(connection, kind, hosts)
    return held


async def remove(connection: AsyncConnection, kind: str, keys: Sequence[str]) -> int:
    """Delete the rows of `keys`, whoever works on them; how many there were."""
    condition = due.c.key.in_(padded(sorted(set(keys))))
    hosts = (await connection.execute(select(due.c.host).where(due.c.kind == kind, condition))).scalars().all()
    if not hosts:
        return 0
    await fair_hosts.hold(connection, kind, hosts)
    removed = await connection.execute(delete(due).where(due.c.kind == kind, condition))
    await fair_hosts.refresh(connection, kind, hosts)
    await fair_hosts.forget_idle(connection, kind, hosts)
    return removed.rowcount


async def hurry(connection: AsyncConnection, kind: str, key: str, *, now: datetime) -> bool:
    """Make the row due at `now` at the latest; whether there is one that nobody works on."""
    mine = (due.c.kind == kind, due.c.key == key)
    host = (await connection.execute(select(due.c.host).where(*mine))).scalar()
    if host is None:
        return False
    await fair_hosts.hold(connection, kind, [host])
    free = (*mine, due.c.lease.is_(None))
    await connection.execute(update(due).where(*free, due.c.due > now).values(due=now))
    await notify(connection, DUE)
    await fair_hosts.refresh(connection, kind, [host])
    return (await connection.execute(select(due.c.key).where(*free))).first() is not None


_REDATE = (
    update(due)
    .where(due.c.kind == bindparam("of_kind"), due.c.key == bindparam("of_key"))
    .values(
        due=bindparam("again_at", type_=Instant),
        lease=null(),
        leased_until=null(),
        routine=func.coalesce(bindparam("new_routine", type_=due.c.routine.type), due.c.routine),
        attempts=bindparam("new_attempts", type_=due.c.attempts.type),
    )
)


def _redated(outcome: Settlement) -> dict[str, object]:
    return {
        "of_kind": outcome.job.kind,
        "of_key": outcome.job.key,
        "again_at": outcome.again_at,
        "new_routine": outcome.routine,
        "new_attempts": outcome.attempts or 0,
    }
