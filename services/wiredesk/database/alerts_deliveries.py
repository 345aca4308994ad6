"""The log of webhooks: what is sent, how its last try went, when the next is; within a transaction under way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import Row, Select, and_, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database import alerts_endpoints, due_rows
from wiredesk.database.columns import Instant
from wiredesk.database.due_rows import Job, Settlement
from wiredesk.database.statements import padded
from wiredesk.database.tables import alerts, deliveries, due, endpoints

WEBHOOK = "webhook"
"""The kind of the due rows; their key is the delivery's id, their host the endpoint's name."""

Status: TypeAlias = Literal["waiting", "delivered", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An alert for an endpoint; `body` only where one was asked for by id."""

    id: str
    alert_id: str
    rule: str
    story: str
    item: str
    endpoint: str
    status: Status
    tries: int
    status_code: int | None
    reason: str
    created_at: datetime
    tried_at: datetime | None
    next_at: datetime | None
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """The body that a delivery sends, and what its endpoint's state allows."""

    endpoint: str
    body: bytes
    disabled_reason: str
    paused_until: datetime | None
    silences: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What became of a leased delivery. Without `next_at` it has ended; `is_try` where something was sent.

    `disables` is the reason for which its endpoint gets nothing more, `pauses_until` when it takes webhooks again;
    `heard` whether it answered, None where that changes nothing.
    """

    job: Job
    status: Status
    at: datetime
    reason: str = ""
    status_code: int | None = None
    next_at: datetime | None = None
    is_try: bool = True
    disables: str = ""
    pauses_until: datetime | None = None
    heard: bool | None = None


def delivery_id(alert_id: str, endpoint: str) -> str:
    """The name of an alert's delivery: the `webhook-id`, the same for every try. It holds no full stop."""
    return f"{alert_id}-{endpoint}"


async def parcels(connection: AsyncConnection, keys: Sequence[str]) -> Sequence[Payload | None]:
    """What these deliveries send, in order; None where one is gone."""
    statement = (
        select(
            deliveries.c.id,
            deliveries.c.endpoint,
            alerts.c.body,
            endpoints.c.disabled_reason,
            endpoints.c.paused_until,
            endpoints.c.silences,
        )
        .join(alerts, alerts.c.id == deliveries.c.alert_id)
        .outerjoin(endpoints, endpoints.c.name == deliveries.c.endpoint)
        .where(deliveries.c.id.in_(padded(keys)))
    )
    payloads = {
        row.id: Payload(
            endpoint=row.endpoint,
            body=row.body,
            disabled_reason=row.disabled_reason or "",
            paused_until=row.paused_until,
            silences=row.silences or 0,
        )
        for row in await connection.execute(statement)
    }
    return [payloads.get(key) for key in keys]


async def note_all(connection: AsyncConnection, notes: Sequence[Attempt]) -> Sequence[bool]:
    """Store the outcomes and date or delete the due rows; in order, False where a lease was lost."""
    by_key: dict[str, Attempt] = {}
    for note in notes:
        by_key.setdefault(note.job.key, note)
    outcomes = {
        key: Settlement(job=note.job, again_at=note.next_at, attempts=note.job.attempts + note.is_try)
        for key, note in by_key.items()
    }
    held = await due_rows.settle(connection, WEBHOOK, outcomes)
    kept = [by_key[key] for key in sorted(held)]
    if kept:
        await connection.execute(_NOTE, [_noted(note) for note in kept])
    for name, of_one in sorted(_by_endpoint(kept).items()):
        await alerts_endpoints.change(connection, name, _changed(of_one))
    return [note.job.key in held and by_key[note.job.key] is note for note in notes]


def _by_endpoint(notes: Sequence[Attempt]) -> Mapping[str, Sequence[Attempt]]:
    by_endpoint: dict[str, list[Attempt]] = {}
    for note in notes:
        by_endpoint.setdefault(note.job.host, []).append(note)
    return by_endpoint


def _changed(notes: Sequence[Attempt]) -> alerts_endpoints.Changed:
    """Sum the notes of one endpoint up."""
    last_heard = max((number for number, note in enumerate(notes, 1) if note.heard), default=0)
    disabling = next((note for note in reversed(notes) if note.disables), None)
    return alerts_endpoints.Changed(
        heard=last_heard > 0,
        silences=sum(note.heard is False for note in notes[last_heard:]),
        paused_until=max((note.pauses_until for note in notes if note.pauses_until), default=None),
        disabled_at=disabling.at if disabling else None,
        disabled_reason=disabling.disables if disabling else "",
    )


_NOTE = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("the_id"))
    .values(
        status=bindparam("new_status"),
        reason=bindparam("new_reason"),
        next_at=bindparam("new_next", type_=Instant),
        tries=deliveries.c.tries + bindparam("more", type_=deliveries.c.tries.type),
        status_code=bindparam("new_code", type_=deliveries.c.status_code.type),
        tried_at=func.coalesce(bindparam("new_tried", type_=Instant), deliveries.c.tried_at),
    )
)


def _noted(note: Attempt) -> dict[str, object]:
    return {
        "the_id": note.job.key,
        "new_status": note.status,
        "new_reason": note.reason,
        "new_next": note.next_at,
        "more": int(note.is_try),
        "new_code": note.status_code,
        "new_tried": note.at if note.is_try else None,
    }


async def again(connection: AsyncConnection, delivery: str, *, now: datetime) -> str | None:
    """Make it due at `now` with all its tries before it; its endpoint, None where there is no such delivery."""
    result = await connection.execute(select(deliveries.c.endpoint).where(deliveries.c.id == delivery))
    endpoint: str | None = result.scalar()
    if endpoint is None:
        return None
    job = Job(kind=WEBHOOK, key=delivery, host=endpoint, due=now)
    if not await due_rows.insert(connection, WEBHOOK, {delivery: job}):
        await due_rows.hurry(connection, WEBHOOK, delivery, now=now)
        mine = (due.c.kind == WEBHOOK, due.c.key == delivery, due.c.lease.is_(None))
        await connection.execute(update(due).where(*mine).values(attempts=0))
    waiting = {"status": "waiting", "next_at": now}
    await connection.execute(update(deliveries).where(deliveries.c.id == delivery).values(waiting))
    return endpoint


async def newest(
    connection: AsyncConnection, *, status: Status | None, endpoint: str, limit: int
) -> Sequence[Delivery]:
    """Deliveries, newest first."""
    statement = _joined().order_by(deliveries.c.created_at.desc(), deliveries.c.id).limit(limit)
    if status:
        statement = statement.where(deliveries.c.status == status)
    if endpoint:
        statement = statement.where(deliveries.c.endpoint == endpoint)
    return [_delivery(row) for row in await connection.execute(statement)]


async def last_tried(connection: AsyncConnection) -> Mapping[str, Delivery]:
    """The delivery that was tried last at each endpoint."""
    tried = func.max(deliveries.c.tried_at).label("tried")
    latest = select(deliveries.c.endpoint, tried).group_by(deliveries.c.endpoint).subquery()
    is_latest = and_(deliveries.c.endpoint == latest.c.endpoint, deliveries.c.tried_at == latest.c.tried)
    rows = await connection.execute(_joined().join(latest, is_latest).order_by(deliveries.c.id))
    return {row.endpoint: _delivery(row) for row in rows}


async def load(connection: AsyncConnection, delivery: str) -> Delivery | None:
    """One delivery, with its body."""
    result = await connection.execute(_joined().add_columns(alerts.c.body).where(deliveries.c.id == delivery))
    row = result.first()
    return None if row is None else _delivery(row)


def _joined() -> Select[Any]:
    alert_columns = (alerts.c.rule, alerts.c.story, alerts.c.item)
    return select(*deliveries.c, *alert_columns).join(alerts, alerts.c.id == deliveries.c.alert_id)


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(**row._mapping)
