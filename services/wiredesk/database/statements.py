"""SQL that both databases have, but that SQLAlchemy spells differently for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import BigInteger, ColumnElement, Interval, Table, func, literal, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database.columns import Instant

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")

BATCH = 500
"""Rows in one statement: both databases take about 32,000 parameters."""


def insert_into(connection: AsyncConnection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows ON CONFLICT; only the dialect in use is imported."""
    if is_sqlite(connection):
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


def later_of(connection: AsyncConnection, first: ColumnElement[T], second: ColumnElement[T]) -> ColumnElement[T]:
    """The greater of two values that are not null."""
    return (func.max if is_sqlite(connection) else func.greatest)(first, second)


def earlier_of(connection: AsyncConnection, first: ColumnElement[T], second: ColumnElement[T]) -> ColumnElement[T]:
    """The smaller of two values that are not null."""
    return (func.min if is_sqlite(connection) else func.least)(first, second)


def earlier_by(
    connection: AsyncConnection, column: ColumnElement[datetime], time: timedelta
) -> ColumnElement[datetime]:
    """An instant minus a time."""
    if is_sqlite(connection):
        return type_coerce(type_coerce(column, BigInteger) - time // timedelta(microseconds=1), Instant)
    return column - literal(time, Interval)


def is_sqlite(connection: AsyncConnection) -> bool:
    """Whether this is SQLite; else it is PostgreSQL."""
    return connection.dialect.name == "sqlite"


def padded(values: Sequence[T]) -> Sequence[T]:
    """`values` for an IN, the last repeated up to a power of two: so there are few statements to prepare and cache."""
    size = 1 << max(0, len(values) - 1).bit_length()
    return [*values, *[values[-1]] * (size - len(values))] if values else []


def in_batches(values: Sequence[T], size: int = BATCH) -> Iterator[Sequence[T]]:
    """`values` in pieces of `size` at most."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
