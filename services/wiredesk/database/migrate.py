"""Reads the schema's version and migrates it to the one of this code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database.tables import VERSION
from wiredesk.database.transactions import Transactions
from wiredesk.errors import Misconfigured, SchemaBehind

VERSION_TABLE = "schema_version"

OnMigrating: TypeAlias = Callable[[Sequence[str]], None]
"""Takes the migrations that are about to be carried out, as `pending` gives them."""


async def pending(transactions: Transactions) -> Sequence[str]:
    """The migrations that are due, first one first, each with what it does. Raises `Misconfigured` on a newer schema."""

    if not transactions.is_made:
        return _after(None)
    return await transactions.look(lambda connection: connection.run_sync(_missing))


async def require_current(transactions: Transactions) -> None:
    """Check the version, and change nothing. Raises `SchemaBehind` where migrations are due, `Misconfigured` on a newer schema."""
    version = (
        await transactions.look(lambda connection: connection.run_sync(_version)) if transactions.is_made else None
    )
    if not _after(version):
        return
    if version is None and transactions.dialect == "sqlite":
        raise SchemaBehind(
            f"{transactions.place} has no tables yet: run `wiredesk run` or `wiredesk database apply`",
            version=None,
        )
    present = f"has schema version {version}, older than" if version else "has no tables yet, expected schema version"
    raise SchemaBehind(
        f"the database {present} {VERSION}{', which this wiredesk needs' if version else ''}: "
        "run `wiredesk database apply`",
        version=version,
    )


async def migrate(
    transactions: Transactions, *, schema: str, on_migrating: OnMigrating = lambda migrations: None
) -> Sequence[str]:
    """Carry out what is due, all or nothing, and say what it was; `on_migrating` hears of it before where there is a schema.

    Raises `Misconfigured` on a newer schema.
    """

    async def work(connection: AsyncConnection) -> Sequence[str]:
        if transactions.dialect == "postgresql":
            await _make_schema(connection, schema)
        missing = await connection.run_sync(_missing)
        if missing:
            if await connection.run_sync(_version) is not None:  # the first tables are made in no time
                on_migrating(missing)
            await connection.run_sync(_upgrade)
        return missing

    return await transactions.migrate(work)


async def _make_schema(connection: AsyncConnection, schema: str) -> None:
    # Looked for first: whoever runs us may lack the right to create what is there already.
    result = await connection.execute(text("SELECT 1 FROM pg_namespace WHERE nspname = :name"), {"name": schema})
    if result.first() is None:
        quoted = schema.replace('"', '""')
        await connection.execute(text(f'CREATE SCHEMA "{quoted}"'))


def _missing(connection: Connection) -> Sequence[str]:
    return _after(_version(connection))


def _after(version: str | None) -> Sequence[str]:
    """The migrations that a schema of `version` lacks. Raises `Misconfigured` where this code does not know it."""
    if version == VERSION:  # the usual case, and it spares the import of alembic
        return ()
    from wiredesk.database.migrations import history

    names = history()
    if version is not None and version not in names:
        raise Misconfigured(
            f"the database has schema version {version}, newer than {VERSION}, which this wiredesk knows: "
            "run the newer wiredesk"
        )
    known = list(names)
    after = known.index(version) + 1 if version else 0
    return tuple(f"{name} {names[name]}" for name in known[after:])


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    revision: str | None = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 - a constant
    return revision


def _upgrade(connection: Connection) -> None:
    from wiredesk.database.migrations import upgrade

    upgrade(connection)
