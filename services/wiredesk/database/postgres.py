"""Records in one schema of a PostgreSQL database."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import asyncpg
import sqlalchemy.exc
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from wiredesk.database import postgres_tls
from wiredesk.database.changes import Notifications, channel_of
from wiredesk.database.transactions import (
    CONNECT_LIMIT,
    LOCK_LIMIT,
    MIGRATION_LIMIT,
    STATEMENT_LIMIT,
    TRANSACTION_LIMIT,
    DatabaseFailure,
)
from wiredesk.errors import Misconfigured
from wiredesk.redaction import place
from wiredesk.tls import TlsFiles

PASSING = ("40001", "40P01", "55P03", "0A000")
"""Serialization, deadlock, lock wait too long, and a prepared plan that a migration made stale."""

SICK = ("08", "25006", "28", "3D000", "53", "57", "58")
"""Lost connection, read-only (a standby), refused log-in, no such database, no disk or connections left, shut down or
cancelled, system errors. https://www.postgresql.org/docs/current/errcodes-appendix.html"""

REFUSED = (
    asyncpg.InvalidPasswordError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)
LOGIN = "expected user, password and database in WIREDESK_DATABASE_URL that it knows"
_CONNECTION_AGE = 1_800


class PostgresBackend:
    """A pool of at most `connections` connections, all within `schema`."""

    dialect = "postgresql"
    errors = (
        sqlalchemy.exc.SQLAlchemyError,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        OSError,
        TimeoutError,
    )

    def __init__(self, url: str, *, schema: str, application: str, connections: int, tls: TlsFiles) -> None:
        self._url, self._schema, self._application = url, schema, application
        self._tls = postgres_tls.context_of(url, files=tls)
        self._engine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=self._connect,
            pool_size=connections,
            max_overflow=0,
            pool_timeout=TRANSACTION_LIMIT.total_seconds(),
            pool_recycle=_CONNECTION_AGE,
            hide_parameters=True,  # of statements, in errors: logins are among them
        )
        self.changes = Notifications(self._connect, channel_of(schema))
        # Reads need no transaction, so they save the round trips that begin and end one.
        self._reads = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    @property
    def place(self) -> str:
        """Host and database."""
        return place(self._url)

    async def _connect(self) -> asyncpg.Connection:
        try:
            return await asyncpg.connect(
                self._url,
                **({"ssl": self._tls} if self._tls else {}),
                timeout=CONNECT_LIMIT.total_seconds(),
                server_settings={
                    "application_name": self._application,
                    "search_path": _quoted(self._schema),
                    "statement_timeout": _milliseconds(STATEMENT_LIMIT.total_seconds()),
                    "lock_timeout": _milliseconds(LOCK_LIMIT.total_seconds()),
                    "idle_in_transaction_session_timeout": _milliseconds(TRANSACTION_LIMIT.total_seconds()),
                },
            )
        except (asyncpg.ConnectionDoesNotExistError, ConnectionResetError) as error:
            if self._tls is None:
                raise
            raise ConnectionResetError(f"{error}: {postgres_tls.CUT}") from error
        except ssl.SSLError:  # a certificate that is not trusted is a ValueError, too
            raise
        except ValueError:  # ClientConfigurationError among them
            # Its text, and so the cause, may quote a piece of the password that was taken for a port.
            raise Misconfigured(
                "WIREDESK_DATABASE_URL: host, port or options cannot be read, expected "
                "postgresql://USER:PASSWORD@HOST:PORT/DATABASE with special characters of a password percent-encoded"
            ) from None

    def sickness(self, error: Exception) -> DatabaseFailure | None:
        """See `Backend`."""
        if isinstance(error, sqlalchemy.exc.TimeoutError | TimeoutError):
            return DatabaseFailure(text="no answer in time")
        if isinstance(error, OSError):
            return DatabaseFailure(text=postgres_tls.fault_of(error) or str(error))
        cause = (error.orig if isinstance(error, sqlalchemy.exc.DBAPIError) else None) or error
        code = getattr(cause, "sqlstate", None) or ""
        if code in PASSING and not (code == "0A000" and "cached statement" not in str(cause)):
            return DatabaseFailure(text=_words(cause), is_passing=True)
        is_lost = isinstance(error, sqlalchemy.exc.DBAPIError) and error.connection_invalidated
        if code.startswith("28"):
            return DatabaseFailure(text=f"{_words(cause)}: {LOGIN}")
        if code.startswith(SICK) or is_lost or _is_closed(cause):
            return DatabaseFailure(text=_words(cause))
        return None

    @property
    def is_made(self) -> bool:
        """See `Backend`; always true: connecting to a server creates nothing."""
        return True

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[AsyncConnection]:
        """See `Backend`."""
        try:
            async with self.reading() as connection:
                yield connection
        except REFUSED as error:
            raise Misconfigured(f"{self.place}: {error}: {LOGIN}") from error

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """See `Backend`."""
        async with self._reads.connect() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """See `Backend`."""
        async with self._engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def migrating(self) -> AsyncIterator[AsyncConnection]:
        """See `Backend`; an advisory lock keeps others out. Raises `Misconfigured` where the log-in is refused."""
        try:
            async with self._engine.begin() as connection:
                limit = _milliseconds(MIGRATION_LIMIT.total_seconds())
                for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
                    await connection.execute(text(f"SET LOCAL {name} = {limit}"))
                await connection.execute(text(f"SELECT pg_advisory_xact_lock({lock_number('migrate', self._schema)})"))
                yield connection
        except REFUSED as error:
            raise Misconfigured(f"{self.place}: {error}: {LOGIN}") from error

    def listening(self) -> AbstractAsyncContextManager[None]:
        """See `Backend`; takes a connection beside the pool's."""
        return self.changes.listening()

    async def close(self) -> None:
        """See `Backend`."""
        await self._engine.dispose()


def open_postgres(url: str, *, schema: str, application: str, connections: int, tls: TlsFiles) -> PostgresBackend:
    """The backend for `postgresql://…` as libpq writes it; `tls` are the files of its authority and of our own certificate."""
    return PostgresBackend(url, schema=schema, application=application, connections=connections, tls=tls)


def lock_number(*names: str) -> int:
    """The number of an advisory lock: signed 64 bits out of `names`."""
    hashed = hashlib.blake2b("\0".join(("wiredesk", *names)).encode(), digest_size=8).digest()
    return int.from_bytes(hashed, "big", signed=True)


def _is_closed(error: BaseException) -> bool:
    return isinstance(error, asyncpg.InterfaceError) and "closed" in str(error)


def _words(error: BaseException) -> str:
    # Texts of SQLAlchemy begin with the name of a Python class.
    return str(error.__cause__ or error)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _milliseconds(seconds: float) -> str:
    return str(int(seconds * 1000))
