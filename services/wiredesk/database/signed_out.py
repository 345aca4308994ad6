"""Sessions of the console that were signed out, kept until they would have run out."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database.statements import insert_into
from wiredesk.database.tables import signed_out_sessions
from wiredesk.database.transactions import Transactions


class SignedOut:
    """The list, the same for all replicas of `web`: a session ends at every one of them at once."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def add(self, session_id: str, *, ends: datetime) -> None:
        """End that session, which would have run out at `ends`; those that have run out by now leave the list."""

        async def work(connection: AsyncConnection) -> None:
            table = signed_out_sessions
            await connection.execute(delete(table).where(table.c.ends < datetime.now(UTC)))
            row = insert_into(connection, table).values(id=session_id, ends=ends)
            await connection.execute(row.on_conflict_do_nothing())

        await self._transactions.write(work)

    async def holds(self, session_id: str) -> bool:
        """Whether that session was signed out."""
        known = select(signed_out_sessions.c.id).where(signed_out_sessions.c.id == session_id)
        return await self._transactions.read(lambda connection: connection.scalar(known)) is not None
