"""The records: tables, migrations, the due queue, one module a table group."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Literal, Self

import anyio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database.alerts import Alerts
from wiredesk.database.aliases import Aliases
from wiredesk.database.due import DueQueue
from wiredesk.database.feeds import Feeds
from wiredesk.database.items import Items
from wiredesk.database.migrate import OnMigrating, migrate, pending, require_current
from wiredesk.database.pages import Pages
from wiredesk.database.signed_out import SignedOut
from wiredesk.database.stories import Stories
from wiredesk.database.transactions import Backend, Transactions
from wiredesk.errors import Misconfigured, SchemaBehind
from wiredesk.tls import TlsFiles

__all__ = ["Database", "Opening", "apply", "open_database", "plan"]

CHECK_LIMIT = timedelta(seconds=5)
NO_FILES = TlsFiles(name="WIREDESK_DATABASE")

Opening = Literal["migrate", "create", "expect"]
"""What opening may do to the schema: bring it up to date; make the tables of an embedded file that has none; nothing."""


class Database:
    """The records, on PostgreSQL or SQLite.

    An async context manager, for one event loop. Entering connects and does to the schema what `opening` allows, one
    process at a time; it raises `SchemaBehind` where that leaves the schema older than this code or missing, and
    `Misconfigured` where it is newer. Everything raises `Unavailable` while the database is away. It may be entered again
    where that failed; `on_migrating` hears of migrations before they are carried out.
    """

    def __init__(
        self, backend: Backend, *, schema: str, opening: Opening, on_migrating: OnMigrating = lambda migrations: None
    ) -> None:
        self._backend, self._schema, self._opening, self._on_migrating = backend, schema, opening, on_migrating
        self._transactions = Transactions(backend)
        self.due = DueQueue(self._transactions)
        self.pages = Pages(self._transactions)
        self.items = Items(self._transactions)
        self.stories = Stories(self._transactions)
        self.aliases = Aliases(self._transactions, schema=schema)
        self.feeds = Feeds(self._transactions)
        self.alerts = Alerts(self._transactions)
        self.signed_out = SignedOut(self._transactions)

    async def __aenter__(self) -> Self:
        try:
            await self._settle_schema()
        except BaseException:
            with anyio.CancelScope(shield=True):  # also where the start was ended: half closed, drivers complain
                await self._backend.close()
            raise
        return self

    async def _settle_schema(self) -> None:
        if self._opening == "migrate":
            await migrate(self._transactions, schema=self._schema, on_migrating=self._on_migrating)
            return
        try:
            await require_current(self._transactions)
        except SchemaBehind as behind:
            may_create = self._opening == "create" and self._transactions.dialect == "sqlite"
            if behind.version is not None or not may_create:
                raise
            await migrate(self._transactions, schema=self._schema)

    async def __aexit__(self, *exc: object) -> None:
        await self._backend.close()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Within, who waits for due rows or stored items is woken by them, whoever put them there."""
        async with self._backend.listening():
            self.due.changes = self.items.changes = self._backend.changes
            try:
                yield
            finally:
                self.due.changes = self.items.changes = None

    async def check(self) -> None:
        """Raise `Unavailable` unless the database answers now."""

        async def ask(connection: AsyncConnection) -> None:
            await connection.execute(text("SELECT 1"))

        await self._transactions.read(ask, limit=CHECK_LIMIT)


def open_database(
    url: str,
    *,
    schema: str,
    opening: Opening = "migrate",
    application: str = "wiredesk",
    connections: int = 10,
    tls: TlsFiles = NO_FILES,
    on_migrating: OnMigrating = lambda migrations: None,
) -> Database:
    """The records at `url`, not yet connected: `sqlite:///PATH` or `postgresql://…`.

    On PostgreSQL everything lives in `schema`, `application` names us in its activity view, and `connections`
    bounds the pool; off this machine its certificate is verified by the authority of `tls`, or by what this system trusts, unless the
    URL's `sslmode` says otherwise. Raises `Misconfigured` on any other URL. Whoever may change nothing gets an empty database where
    an embedded file would be made, and no file.
    """
    backend = _backend(url, schema=schema, application=application, connections=connections, tls=tls)
    if opening == "expect" and not backend.is_made:
        from wiredesk.database.sqlite import open_empty

        backend, opening = open_empty(), "migrate"
    return Database(backend, schema=schema, opening=opening, on_migrating=on_migrating)


async def plan(url: str, *, schema: str, tls: TlsFiles = NO_FILES) -> Sequence[str]:
    """The migrations that are due, each with what it does. Raises `Misconfigured` where the schema is newer."""
    backend = _backend(url, schema=schema, application="wiredesk", connections=1, tls=tls)
    try:
        return await pending(Transactions(backend))
    finally:
        await backend.close()


async def apply(url: str, *, schema: str, tls: TlsFiles = NO_FILES) -> Sequence[str]:
    """Carry out the migrations of `plan`, all or nothing; what was done."""
    backend = _backend(url, schema=schema, application="wiredesk", connections=1, tls=tls)
    try:
        return await migrate(Transactions(backend), schema=schema)
    finally:
        await backend.close()


def _backend(url: str, *, schema: str, application: str, connections: int, tls: TlsFiles = NO_FILES) -> Backend:
    scheme = url.partition(":")[0]
    if scheme == "sqlite":
        from wiredesk.database.sqlite import open_sqlite

        return open_sqlite(url)
    if scheme in ("postgresql", "postgres"):
        from wiredesk.database.postgres import open_postgres

        return open_postgres(url, schema=schema, application=application, connections=connections, tls=tls)
    begins = f"{scheme[:20]}:" if "://" in url else ""  # without a scheme it may be a password
    raise Misconfigured(f"WIREDESK_DATABASE_URL={begins}…: expected sqlite:///PATH or postgresql://…")
