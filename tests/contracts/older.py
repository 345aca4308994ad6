"""Databases as an older wiredesk left them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database import _backend
from wiredesk.database.migrate import _make_schema
from wiredesk.database.migrations import upgrade
from wiredesk.database.transactions import Transactions


async def made_by(version: str, url: str, schema: str, fill: Callable[[AsyncConnection], Awaitable[None]]) -> None:
    """A database of that version of the schema, filled."""
    backend = _backend(url, schema=schema, application="old", connections=1)
    transactions = Transactions(backend)

    async def work(connection: AsyncConnection) -> None:
        if transactions.dialect == "postgresql":
            await _make_schema(connection, schema)
        await connection.run_sync(lambda connection: upgrade(connection, to=version))
        await fill(connection)

    try:
        await transactions.migrate(work)
    finally:
        await backend.close()
