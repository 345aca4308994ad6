"""What a database is asked, for tests of how often and how much."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event, text
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database import Database
from wiredesk.database.tables import metadata


@contextmanager
def executed() -> Iterator[list[str]]:
    """Every statement executed within, in order, in one line each."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(" ".join(statement.split()))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def dumped(database: Database, *, but: str) -> str:
    """All rows of all tables but one, a line each."""

    async def work(connection: AsyncConnection) -> str:
        lines: list[str] = []
        for name in metadata.tables:
            if name != but:
                lines += [f"{name}: {row}" for row in await connection.execute(text(f'SELECT * FROM "{name}"'))]
        return "\n".join(lines)

    return await database._transactions.read(work)
