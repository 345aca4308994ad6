"""The due queue: work with a due time, leased by whoever is free, at most a few rows of a host at once.

A leased row belongs to one worker until it is done or its lease runs out; so a dead worker's row comes again.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, false, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database import due_rows, fair_hosts
from wiredesk.database.changes import Changes
from wiredesk.database.coalesce import Coalesced
from wiredesk.database.due_rows import COLUMNS, Job, Settlement
from wiredesk.database.statements import BATCH, in_batches, padded
from wiredesk.database.tables import due, due_hosts
from wiredesk.database.transactions import Transactions

__all__ = ["DueQueue", "Job", "Outlook", "Settlement"]

MAX_WAITING = 1_000
_NOBODYS_BOUND = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """When there is something to lease: from hosts below their bound, and from any host; None where there is no row."""

    leasable_at: datetime | None
    waiting_at: datetime | None


class DueQueue:
    """Rows by kind and key. Times come from the caller, so replicas' clocks should agree within seconds.

    A clock set ahead makes rows come early; whoever finds that one was set back says so by `set_back`.
    """

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self.changes: Changes | None = None
        """Announces new rows, while somebody listens."""
        self._settle = Coalesced(self.done_many, at_most=BATCH)

    async def put(self, jobs: Sequence[Job]) -> int:
        """Add `jobs`; a row of the same kind and key is left alone. How many were new."""
        by_kind: dict[str, dict[str, Job]] = defaultdict(dict)
        for job in jobs:
            by_kind[job.kind].setdefault(job.key, job)
        new = 0
        for kind, of_kind in by_kind.items():
            for batch in in_batches(list(of_kind.items())):
                new += await self._transactions.write(
                    lambda connection, kind=kind, batch=batch: due_rows.insert(connection, kind, dict(batch))  # type: ignore[misc]
                )
        return new

    async def lease(self, kind: str, *, limit: int, per_host: int, now: datetime, until: datetime) -> Sequence[Job]:
        """Up to `limit` rows that were due at `now`, the caller's alone until `until`.

        Never more than `per_host` of a host are leased at once, by whomever; a host's turn comes round before
        another gets its second. A row whose lease has run out counts one attempt more. A host that somebody
        changes at this instant is left out: ask again.
        """
        token = secrets.token_hex(8)

        async def work(connection: AsyncConnection) -> list[Job]:
            await fair_hosts.free_run_out(connection, kind, now=now)
            leased: list[Job] = []
            while len(leased) < limit:
                left = limit - len(leased)
                turns = await fair_hosts.take(connection, kind, now=now, per_host=per_host, limit=left)
                if not turns:
                    break
                leased += await self._mark(connection, kind, turns, token=token, until=until)
                await fair_hosts.refresh(connection, kind, [turn.host for turn in turns], served=now)
            return sorted(leased, key=lambda job: (job.due, job.key))

        return await self._transactions.write(work) if limit > 0 else ()

    @staticmethod
    async def _mark(
        connection: AsyncConnection, kind: str, turns: Sequence[fair_hosts.HostTurn], *, token: str, until: datetime
    ) -> list[Job]:
        next_keys = padded(sorted(turn.next_key for turn in turns))
        # Said so, PostgreSQL goes by the primary key; by IS NULL it may walk an index of all rows that are free.
        is_free = func.coalesce(due.c.lease, "") == ""
        rows = await connection.execute(
            update(due)
            .where(due.c.kind == kind, due.c.key.in_(next_keys), is_free)
            .values(lease=token, leased_until=until)
            .returning(*COLUMNS)
        )
        return [due_rows.job_of(row) for row in rows]

    async def renew(self, jobs: Sequence[Job], *, until: datetime) -> None:
        """Extend the leases of `jobs`; a row that somebody else has leased by now is left alone."""
        by_lease: dict[tuple[str, str], list[str]] = defaultdict(list)
        for job in jobs:
            by_lease[job.kind, job.lease].append(job.key)

        async def work(connection: AsyncConnection) -> None:
            for (kind, token), keys in sorted(by_lease.items()):
                mine = (due.c.kind == kind, due.c.key.in_(padded(sorted(keys))), due.c.lease == token)
                await connection.execute(update(due).where(*mine).values(leased_until=until))

        if by_lease:
            await self._transactions.write(work)

    async def prolong(self, kind: str, *, until: datetime) -> None:
        """Extend every lease to `until`, whoever holds it: after an outage in which nobody could renew one."""
        short = select(due.c.key).where(due.c.kind == kind, due.c.lease.is_not(None), due.c.leased_until < until)
        # Every replica does so in the same moment. Rows that one of them holds need nobody else, and nobody deadlocks.
        free = short.order_by(due.c.key).with_for_update(skip_locked=True)
        longer = update(due).where(due.c.kind == kind, due.c.key.in_(free)).values(leased_until=until)
        await self._transactions.write(lambda connection: connection.execute(longer))

    async def done(
        self, job: Job, *, again_at: datetime | None = None, routine: bool | None = None, attempts: int | None = None
    ) -> bool:
        """Delete the row of a leased `job`, or make it due again at `again_at`, with what else is given.

        Attempts, which count leases that ran out, begin at 0 again unless given.

        False where its lease is not the row's any more: then somebody else has it, and nothing changes.
        Calls that come together share one commit.
        """
        return await self._settle(Settlement(job=job, again_at=again_at, routine=routine, attempts=attempts))

    async def done_many(self, outcomes: Sequence[Settlement]) -> Sequence[bool]:
        """`done` for many, in order of `outcomes`; of two for one row the first counts."""
        by_kind: dict[str, dict[str, tuple[int, Settlement]]] = defaultdict(dict)
        for place, outcome in enumerate(outcomes):
            by_kind[outcome.job.kind].setdefault(outcome.job.key, (place, outcome))
        settled = [False] * len(outcomes)
        for kind, of_kind in sorted(by_kind.items()):
            for batch in in_batches(list(of_kind.items())):
                of_batch = {key: outcome for key, (_, outcome) in batch}
                held = await self._transactions.write(
                    lambda connection, kind=kind, of_batch=of_batch: due_rows.settle(connection, kind, of_batch)  # type: ignore[misc]
                )
                for key, (place, _) in batch:
                    settled[place] = key in held
        return settled

    async def next_due(self, kind: str, *, per_host: int | None = None) -> datetime | None:
        """When the next row can be leased: it is due or its lease runs out; None where there is no row.

        That may be past while a host is at its bound; with `per_host`, such hosts count by their leases only.
        """
        return (await self.outlook(kind, per_host=per_host or _NOBODYS_BOUND)).leasable_at

    async def outlook(self, kind: str, *, per_host: int) -> Outlook:
        """When rows of `kind` can be leased; a host that has `per_host` leased counts by the ends of its leases."""
        turn = select(func.min(due_hosts.c.turn)).where(due_hosts.c.kind == kind)
        free = turn.where(due_hosts.c.leased < per_host).scalar_subquery()
        run_out = select(func.min(due.c.leased_until)).where(due.c.kind == kind, due.c.lease.is_not(None))
        statement = select(free, turn.scalar_subquery(), run_out.scalar_subquery())

        async def work(connection: AsyncConnection) -> Outlook:
            leasable, waiting, ending = (await connection.execute(statement)).one()
            return Outlook(
                leasable_at=min(filter(None, (leasable, ending)), default=None),
                waiting_at=min(filter(None, (waiting, ending)), default=None),
            )

        return await self._transactions.read(work)

    async def last_lease(self, kind: str) -> datetime | None:
        """When rows were leased last, of hosts that still have rows."""
        latest = select(func.max(due_hosts.c.served)).where(due_hosts.c.kind == kind)
        return await self._earliest(latest)

    async def set_back(
        self, kind: str, *, now: datetime, by: timedelta, until: datetime, due_until: datetime | None = None
    ) -> None:
        """Adjust the rows to a clock that was set back by `by` to `now`; without it every row would come late by as much.

        Those due until `due_until` alone, where given. Leases end at `until` at the latest. Done twice, rows come
        early, which every kind of work must bear.
        """
        everywhere = select(due_hosts.c.host).where(due_hosts.c.kind == kind).order_by(due_hosts.c.host)

        async def hosts(connection: AsyncConnection) -> Sequence[str]:
            return (await connection.execute(everywhere)).scalars().all()

        back = fair_hosts.SetBack(now=now, by=by, until=until, due_until=due_until)
        for batch in in_batches(await self._transactions.read(hosts)):
            await self._transactions.write(
                lambda connection, batch=batch: fair_hosts.set_back(connection, kind, batch, back)  # type: ignore[misc]
            )

    async def waiting(self, kinds: Sequence[str]) -> Sequence[Job]:
        """Rows that are not routine, leased ones too, the first due first; at most 1,000."""
        statement = (
            select(*COLUMNS)
            .where(due.c.kind.in_(padded(list(kinds))), due.c.routine.is_(False))
            .order_by(due.c.due, due.c.key)
            .limit(MAX_WAITING)
        )

        async def work(connection: AsyncConnection) -> Sequence[Job]:
            return [due_rows.job_of(row) for row in await connection.execute(statement)]

        return await self._transactions.read(work) if kinds else ()

    async def first_waiting(self, kinds: Sequence[str]) -> datetime | None:
        """When the first row of `kinds` is due that is not routine, leased or not; None where there is none."""
        first = select(func.min(due.c.due)).where(due.c.routine == false())
        return await self._earliest(*(first.where(due.c.kind == kind) for kind in kinds))

    async def hurry(self, kind: str, key: str, *, now: datetime) -> bool:
        """Make a row due at `now` unless it is already; False where there is none, or somebody works on it."""
        return await self._transactions.write(lambda connection: due_rows.hurry(connection, kind, key, now=now))

    async def remove(self, kind: str, keys: Sequence[str]) -> int:
        """Delete rows, whoever works on them; how many there were."""
        removed = 0
        for batch in in_batches(keys):
            removed += await self._transactions.write(
                lambda connection, batch=batch: due_rows.remove(connection, kind, batch)  # type: ignore[misc]
            )
        return removed

    async def oldest(self, kind: str, *, now: datetime) -> timedelta | None:
        """How long the most overdue row that nobody works on has waited; None where no row is overdue."""
        overdue = select(func.min(due.c.due)).where(due.c.kind == kind, due.c.due <= now)
        free, run_out = due.c.lease.is_(None), and_(due.c.lease.is_not(None), due.c.leased_until <= now)
        first = await self._earliest(overdue.where(free), overdue.where(run_out))
        return None if first is None else now - first

    async def _earliest(self, *statements: Select[tuple[datetime | None]]) -> datetime | None:
        """The earliest of what `statements` find; each goes by an index of its own."""

        async def work(connection: AsyncConnection) -> datetime | None:
            dates = [(await connection.execute(statement)).scalar() for statement in statements]
            return min((time for time in dates if time is not None), default=None)

        return await self._transactions.read(work)
