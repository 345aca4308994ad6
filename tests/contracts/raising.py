"""Alerts to raise, and their due rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from tests.contracts.samples import NOW
from wiredesk.database import Database
from wiredesk.database.alerts import WEBHOOK, NewAlert, StoredEndpoint
from wiredesk.database.due import Job

MINUTE = timedelta(minutes=1)


def raised(
    name: str = "r-s",
    *,
    rule: str = "r",
    story: str = "s",
    item: str = "a1",
    capture: str = "c1",
    body: bytes = b"{}",
    endpoints: Sequence[str] = ("ops",),
    instead: str = "",
) -> NewAlert:
    return NewAlert(
        id=name,
        rule=rule,
        story=story,
        item=item,
        capture=capture,
        body=body,
        endpoints=tuple(endpoints),
        instead=instead,
    )


async def raise_all(database: Database, *wanted: NewAlert) -> dict[str, list[bytes]]:
    captures = [one.capture for one in wanted]
    told = await database.alerts.raise_all(wanted, captures=captures, now=NOW)
    return {capture: list(bodies) for capture, bodies in told.items()}


async def lease(database: Database, *, per_host: int = 9) -> Sequence[Job]:
    return await database.due.lease(WEBHOOK, limit=99, per_host=per_host, now=NOW, until=NOW + MINUTE)


async def one_job(database: Database) -> Job:
    (job,) = await lease(database)
    return job


def ops(url: str = "https://ops.example/hook") -> StoredEndpoint:
    return StoredEndpoint(name="ops", url=url, secret="env:OPS_SECRET")
