"""Endpoints and whether they take webhooks, changed within a transaction that is already under way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, delete, literal, null, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database.columns import Instant
from wiredesk.database.statements import insert_into
from wiredesk.database.tables import endpoints


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEndpoint:
    """Where webhooks go: `url` as it may be shown, `secret` where the secret is.

    `silences` are the tries in a row that got no answer; until `paused_until` nothing is sent, as it asked for that or
    was silent too often.
    """

    name: str
    url: str
    secret: str
    disabled_at: datetime | None = None
    disabled_reason: str = ""
    paused_until: datetime | None = None
    silences: int = 0


async def sync(connection: AsyncConnection, configured_endpoints: Sequence[StoredEndpoint]) -> None:
    """Make the rows equal to `configured_endpoints`; an endpoint whose URL has changed is no longer disabled."""
    names = [endpoint.name for endpoint in configured_endpoints]
    await connection.execute(delete(endpoints).where(endpoints.c.name.not_in(names)))
    if not configured_endpoints:
        return
    insert = insert_into(connection, endpoints)
    moved = endpoints.c.url != insert.excluded.url
    kept = {
        "url": insert.excluded.url,
        "secret": insert.excluded.secret,
        "disabled_at": case((moved, null()), else_=endpoints.c.disabled_at),
        "disabled_reason": case((moved, ""), else_=endpoints.c.disabled_reason),
        "paused_until": case((moved, null()), else_=endpoints.c.paused_until),
        "silences": case((moved, 0), else_=endpoints.c.silences),
    }
    statement = insert.on_conflict_do_update(index_elements=["name"], set_=kept)
    rows = [
        {"name": endpoint.name, "url": endpoint.url, "secret": endpoint.secret, "disabled_reason": "", "silences": 0}
        for endpoint in sorted(configured_endpoints, key=lambda endpoint: endpoint.name)
    ]
    await connection.execute(statement, rows)


async def every(connection: AsyncConnection) -> Sequence[StoredEndpoint]:
    """All of them, by name."""
    rows = await connection.execute(select(endpoints).order_by(endpoints.c.name))
    return [StoredEndpoint(**row) for row in rows.mappings()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What tries that are noted in one commit change of an endpoint: `silences` come after it was last `heard`."""

    heard: bool = False
    silences: int = 0
    paused_until: datetime | None = None
    disabled_at: datetime | None = None
    disabled_reason: str = ""


async def change(connection: AsyncConnection, name: str, changed: Changed) -> None:
    """Store the change in one statement; a longer pause than the new one stays."""
    values: dict[str, object] = {}
    if changed.disabled_at:
        values |= {"disabled_at": changed.disabled_at, "disabled_reason": changed.disabled_reason}
    if until := changed.paused_until:
        shorter = or_(endpoints.c.paused_until.is_(None), endpoints.c.paused_until < until)
        values["paused_until"] = case((shorter, literal(until, Instant)), else_=endpoints.c.paused_until)
    if changed.heard or changed.silences:
        values["silences"] = changed.silences + (0 if changed.heard else endpoints.c.silences)
    if values:
        await connection.execute(update(endpoints).where(endpoints.c.name == name).values(values))


async def enable(connection: AsyncConnection, name: str) -> None:
    """Let the endpoint take webhooks again at once: neither disabled nor paused, its count of timeouts 0."""
    values = {"disabled_at": None, "disabled_reason": "", "paused_until": None, "silences": 0}
    await connection.execute(update(endpoints).where(endpoints.c.name == name).values(values))
