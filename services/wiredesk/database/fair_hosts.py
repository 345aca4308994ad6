"""Fair leases: one row a host names the next due row of it, so that no host's rows have to be scanned.

Measured need: 50,000 rows of one host must neither hold up the others nor be scanned. A host's row holds the next
key (column `head`, the first due row that nobody works on), the next time (`turn`), when it was last served
(`served`) and how many rows are leased. A host that was just served goes behind those that have waited longer.
A writer holds the rows of all hosts whose due rows it changes, hosts in order: no deadlock, and exact counts.
Leasing skips hosts that are held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, delete, func, literal, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database.columns import EPOCH, Instant
from wiredesk.database.statements import earlier_by, insert_into, later_of, padded
from wiredesk.database.tables import due, due_hosts


@dataclass(frozen=True, slots=True, kw_only=True)
class HostTurn:
    """A host that may be served, and the key of its next row."""

    host: str
    next_key: str


async def hold_or_make(connection: AsyncConnection, kind: str, hosts: Sequence[str]) -> None:
    """Hold the rows of `hosts` until the transaction ends; a host that has none gets one."""
    insert = insert_into(connection, due_hosts)
    statement = insert.on_conflict_do_update(index_elements=["kind", "host"], set_={"kind": insert.excluded.kind})
    rows = [{"kind": kind, "host": host, "served": EPOCH, "leased": 0} for host in sorted(set(hosts))]
    await connection.execute(statement, rows)


async def hold(connection: AsyncConnection, kind: str, hosts: Sequence[str]) -> None:
    """Hold the rows of `hosts` until the transaction ends."""
    statement = select(due_hosts.c.host).where(_among(kind, hosts)).order_by(due_hosts.c.host)
    await connection.execute(statement.with_for_update())


async def take(
    connection: AsyncConnection, kind: str, *, now: datetime, per_host: int, limit: int
) -> Sequence[HostTurn]:
    """Hold up to `limit` hosts whose turn it is, longest waiting first; never one that somebody else holds."""
    rows = await connection.execute(
        select(due_hosts.c.host, due_hosts.c.head)
        .where(due_hosts.c.kind == kind, due_hosts.c.turn <= now, due_hosts.c.leased < per_host)
        .order_by(due_hosts.c.turn, due_hosts.c.served)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [HostTurn(host=host, next_key=next_key) for host, next_key in rows]


async def free_run_out(connection: AsyncConnection, kind: str, *, now: datetime) -> None:
    """Free rows whose lease has run out, with one attempt more: such a row may have killed its worker."""
    run_out = and_(due.c.kind == kind, due.c.lease.is_not(None), due.c.leased_until <= now)
    hosts = (await connection.execute(select(due.c.host).where(run_out).distinct())).scalars().all()
    if not hosts:
        return
    holding = select(due_hosts.c.host).where(_among(kind, hosts)).with_for_update(skip_locked=True)
    held = (await connection.execute(holding)).scalars().all()
    if held:
        freed = {"lease": null(), "leased_until": null(), "attempts": due.c.attempts + 1}
        await connection.execute(update(due).where(run_out, due.c.host.in_(padded(held))).values(freed))
        await refresh(connection, kind, held)


async def refresh(
    connection: AsyncConnection, kind: str, hosts: Sequence[str], *, served: datetime | None = None
) -> None:
    """Bring the rows of `hosts`, which the caller holds, up to date with their due rows; `served` where just leased."""
    mine = and_(due.c.kind == due_hosts.c.kind, due.c.host == due_hosts.c.host)
    first = select(due.c.due).where(mine, due.c.lease.is_(None)).order_by(due.c.due, due.c.key).limit(1)
    first_due = first.scalar_subquery()
    last = literal(served, Instant) if served else due_hosts.c.served
    values = {
        "head": first.with_only_columns(due.c.key).scalar_subquery(),
        "turn": case((first_due.is_(None), null()), else_=later_of(connection, first_due, last)),
        "served": last,
        "leased": select(func.count()).select_from(due).where(mine, due.c.lease.is_not(None)).scalar_subquery(),
    }
    await connection.execute(update(due_hosts).where(_among(kind, hosts)).values(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBack:
    """A clock that was set back `by` so much to `now`: no lease is to end after `until`; rows due after `due_until` stay."""

    now: datetime
    by: timedelta
    until: datetime
    due_until: datetime | None = None


async def set_back(connection: AsyncConnection, kind: str, hosts: Sequence[str], clock: SetBack) -> None:
    """Bring the rows of `hosts` to `clock`: due as long from now as before, or now."""
    await hold(connection, kind, hosts)
    mine = and_(due.c.kind == kind, due.c.host.in_(padded(sorted(set(hosts)))))
    late = update(due).where(mine, due.c.due > clock.now)
    if clock.due_until is not None:
        late = late.where(due.c.due <= clock.due_until)
    meant = later_of(connection, literal(clock.now, Instant), earlier_by(connection, due.c.due, clock.by))
    await connection.execute(late.values(due=meant))
    leased = update(due).where(mine, due.c.leased_until > clock.until)
    await connection.execute(leased.values(leased_until=clock.until))
    served = update(due_hosts).where(_among(kind, hosts), due_hosts.c.served > clock.now)
    await connection.execute(served.values(served=clock.now))
    await refresh(connection, kind, hosts)


async def forget_idle(connection: AsyncConnection, kind: str, hosts: Sequence[str]) -> None:
    """Delete the rows of those `hosts`, which the caller holds, that have no due rows any more."""
    idle = and_(due_hosts.c.head.is_(None), due_hosts.c.leased == 0)
    await connection.execute(delete(due_hosts).where(_among(kind, hosts), idle))


def _among(kind: str, hosts: Sequence[str]) -> ColumnElement[bool]:
    return and_(due_hosts.c.kind == kind, due_hosts.c.host.in_(padded(sorted(set(hosts)))))
