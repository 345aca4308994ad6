"""Alerts and what is due of them, written within a transaction that is already under way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database import due_rows
from wiredesk.database.alerts_deliveries import WEBHOOK, delivery_id
from wiredesk.database.due_rows import Job
from wiredesk.database.statements import in_batches, insert_into, padded
from wiredesk.database.tables import alerts, deliveries

_FORGOTTEN_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAlert:
    """A rule that matched an item. `id` names rule and story; `instead` is another alert that makes this one needless."""

    id: str
    rule: str
    story: str
    item: str
    capture: str
    body: bytes
    endpoints: tuple[str, ...] = ()
    instead: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentAlert:
    """An alert that is stored, as it was sent."""

    id: str
    body: bytes
    alerted_at: datetime


async def of_rule(connection: AsyncConnection, rule: str, *, limit: int) -> Sequence[SentAlert]:
    """The alerts of `rule`, newest first."""
    mine = (
        select(alerts.c.id, alerts.c.body, alerts.c.alerted_at)
        .where(alerts.c.rule == rule)
        .order_by(alerts.c.alerted_at.desc(), alerts.c.id)
        .limit(limit)
    )
    return [SentAlert(**row._mapping) for row in await connection.execute(mine)]


async def are_known(connection: AsyncConnection, captures: Sequence[str]) -> bool:
    """Whether one of `captures` raised an alert."""
    for batch in in_batches(sorted(set(captures))):
        known = select(alerts.c.id).where(alerts.c.capture.in_(padded(batch))).limit(1)
        if (await connection.execute(known)).first() is not None:
            return True
    return False


async def raise_all(
    connection: AsyncConnection, new_alerts: Sequence[NewAlert], *, captures: Sequence[str], now: datetime
) -> Mapping[str, Sequence[bytes]]:
    """Write those of `new_alerts` that are new, due at once; the bodies of all alerts that `captures` raised, by capture."""
    bodies = await _raised_by(connection, captures)
    known_pairs = {(rule, capture) for capture, raised in bodies.items() for rule in raised}
    needless = await _known(connection, [alert.instead for alert in new_alerts if alert.instead])
    fresh: dict[str, NewAlert] = {}
    for alert in new_alerts:
        # A comment's replay may meanwhile belong to another story: its alert was sent all the same.
        if alert.instead not in needless and (alert.rule, alert.capture) not in known_pairs:
            fresh.setdefault(alert.id, alert)
    # In order of id: transactions that insert in one order do not deadlock.
    written = await _insert(connection, [fresh[name] for name in sorted(fresh)], now=now)
    await _deliver(connection, [fresh[name] for name in sorted(written)], now=now)
    for name in sorted(written):
        bodies[fresh[name].capture][fresh[name].rule] = fresh[name].body
    return {capture: [raised[rule] for rule in sorted(raised)] for capture, raised in bodies.items()}


async def forget(connection: AsyncConnection, *, before: datetime) -> int:
    """Delete some of the alerts raised before; how many."""
    old = (
        select(alerts.c.id).where(alerts.c.alerted_at < before).order_by(alerts.c.alerted_at).limit(_FORGOTTEN_AT_ONCE)
    )
    return await _delete(connection, list((await connection.execute(old)).scalars()))


async def erase(connection: AsyncConnection, item_ids: Sequence[str]) -> int:
    """Delete the alerts that tell of these items, whose text they hold; how many."""
    erased = 0
    for batch in in_batches(item_ids):
        mine = select(alerts.c.id).where(alerts.c.item.in_(padded(batch)))
        erased += await _delete(connection, list((await connection.execute(mine)).scalars()))
    return erased


async def _delete(connection: AsyncConnection, names: Sequence[str]) -> int:
    for batch in in_batches(sorted(names)):
        theirs = select(deliveries.c.id).where(deliveries.c.alert_id.in_(padded(batch)))
        for keys in in_batches(list((await connection.execute(theirs)).scalars())):
            await due_rows.remove(connection, WEBHOOK, keys)
        await connection.execute(delete(deliveries).where(deliveries.c.alert_id.in_(padded(batch))))
        await connection.execute(delete(alerts).where(alerts.c.id.in_(padded(batch))))
    return len(names)


async def _raised_by(connection: AsyncConnection, captures: Sequence[str]) -> defaultdict[str, dict[str, bytes]]:
    bodies: defaultdict[str, dict[str, bytes]] = defaultdict(dict)
    for batch in in_batches(sorted(set(captures))):
        mine = select(alerts.c.capture, alerts.c.rule, alerts.c.body).where(alerts.c.capture.in_(padded(batch)))
        for capture, rule, body in await connection.execute(mine):
            bodies[capture][rule] = body
    return bodies


async def _known(connection: AsyncConnection, names: Sequence[str]) -> set[str]:
    known: set[str] = set()
    for batch in in_batches(sorted(set(names))):
        result = await connection.execute(select(alerts.c.id).where(alerts.c.id.in_(padded(batch))))
        known.update(result.scalars())
    return known


async def _insert(connection: AsyncConnection, fresh: Sequence[NewAlert], *, now: datetime) -> set[str]:
    """The ids that were written: another replica may raise the same rule and story at this instant."""
    written: set[str] = set()
    for batch in in_batches(fresh):
        rows = [
            {
                "id": alert.id,
                "rule": alert.rule,
                "story": alert.story,
                "item": alert.item,
                "capture": alert.capture,
                "body": alert.body,
                "alerted_at": now,
            }
            for alert in batch
        ]
        statement = insert_into(connection, alerts).on_conflict_do_nothing().returning(alerts.c.id)
        written.update((await connection.execute(statement, rows)).scalars())
    return written


async def _deliver(connection: AsyncConnection, raised: Sequence[NewAlert], *, now: datetime) -> None:
    """A delivery to each endpoint, and its due row: by endpoint, so that a slow one holds up no other."""
    sendings = [(alert, endpoint) for alert in raised for endpoint in alert.endpoints]
    for batch in in_batches(sendings):
        rows = [
            {
                "id": delivery_id(alert.id, endpoint),
                "alert_id": alert.id,
                "endpoint": endpoint,
                "status": "waiting",
                "tries": 0,
                "reason": "",
                "created_at": now,
                "next_at": now,
            }
            for alert, endpoint in batch
        ]
        await connection.execute(insert_into(connection, deliveries), rows)
    jobs = [
        Job(kind=WEBHOOK, key=delivery_id(alert.id, endpoint), host=endpoint, due=now) for alert, endpoint in sendings
    ]
    for job_batch in in_batches(jobs):
        await due_rows.insert(connection, WEBHOOK, {job.key: job for job in job_batch})
