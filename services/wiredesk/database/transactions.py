"""Transactions, and the one place where drivers' errors become `Unavailable`."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database.changes import Changes
from wiredesk.errors import Unavailable

R = TypeVar("R")

STATEMENT_LIMIT = timedelta(seconds=30)
"""The timeout of a statement."""

TRANSACTION_LIMIT = timedelta(seconds=60)
"""The timeout of a transaction, the wait for a connection included."""

CONNECT_LIMIT = timedelta(seconds=10)
LOCK_LIMIT = timedelta(seconds=10)
"""How long a statement waits for what another transaction holds."""

MIGRATION_LIMIT = timedelta(minutes=30)
"""What waiting for and carrying out migrations may take."""

PAUSES = (0.02, 0.1, 0.5)
"""Seconds before a transaction that conflicted with another is tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseFailure:
    """Why the database cannot serve; `is_passing` where the same transaction, tried again at once, may get through."""

    text: str
    is_passing: bool = False


class Backend(Protocol):
    """A database: connections, and what its driver's errors mean."""

    @property
    def dialect(self) -> str:
        """`postgresql` or `sqlite`."""
        ...

    @property
    def place(self) -> str:
        """Where it is, for people; never a password."""
        ...

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What the driver raises."""
        ...

    def sickness(self, error: Exception) -> DatabaseFailure | None:
        """What `error` says about the database; None where it says that our statement is wrong.

        Raises `Misconfigured` where it says that somebody must mend the database.
        """
        ...

    @property
    def is_made(self) -> bool:
        """False where connecting would make the database: an embedded file that is not there."""
        ...

    def looking(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A first connection, to read the schema with. Raises `Misconfigured` where the log-in is refused."""
        ...

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection to read with."""
        ...

    def writing(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction, committed at the end."""
        ...

    def migrating(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction during which no other process migrates."""
        ...

    @property
    def changes(self) -> Changes:
        """The source of announcements, while somebody is `listening`."""
        ...

    def listening(self) -> AbstractAsyncContextManager[None]:
        """Within, `changes` announces."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


class Transactions:
    """Runs work in transactions of a backend.

    What other transactions were in the way of (serialization, deadlocks, locks) is tried again a few times, so
    work must be safe to start afresh. Every sickness of the database is raised as `Unavailable`.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    @property
    def dialect(self) -> str:
        """`postgresql` or `sqlite`."""
        return self._backend.dialect

    @property
    def place(self) -> str:
        """Where the database is, for people; never a password."""
        return self._backend.place

    @property
    def is_made(self) -> bool:
        """False where connecting would make the database: an embedded file that is not there."""
        return self._backend.is_made

    async def look(self, work: Callable[[AsyncConnection], Awaitable[R]]) -> R:
        """What `work` reads of the schema before anything else. Raises `Misconfigured` where the log-in is refused."""
        return await self._within(self._backend.looking, work, TRANSACTION_LIMIT)

    async def read(self, work: Callable[[AsyncConnection], Awaitable[R]], *, limit: timedelta = TRANSACTION_LIMIT) -> R:
        """The result of `work`, which only reads; each of its statements may see a newer state."""
        return await self._within(self._backend.reading, work, limit)

    async def write(self, work: Callable[[AsyncConnection], Awaitable[R]]) -> R:
        """The result of `work`, run in one transaction."""
        return await self._within(self._backend.writing, work, TRANSACTION_LIMIT)

    async def migrate(self, work: Callable[[AsyncConnection], Awaitable[R]]) -> R:
        """The result of `work`, run in one transaction that may take long, while no other process migrates."""
        return await self._within(self._backend.migrating, work, MIGRATION_LIMIT)

    async def _within(
        self,
        connected: Callable[[], AbstractAsyncContextManager[AsyncConnection]],
        work: Callable[[AsyncConnection], Awaitable[R]],
        limit: timedelta,
    ) -> R:
        pauses = iter(PAUSES)
        while True:
            try:
                async with asyncio.timeout(limit.total_seconds()), connected() as connection:
                    return await work(connection)
            except self._backend.errors as error:
                sickness = self._backend.sickness(error)
                if sickness is None:
                    raise
                pause = next(pauses, None) if sickness.is_passing else None
                if pause is None:
                    raise Unavailable(f"{self._backend.place}: {sickness.text}", dependency="database") from error
                await asyncio.sleep(pause * random.uniform(0.5, 1.5))
