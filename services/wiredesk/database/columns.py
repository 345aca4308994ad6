"""Column types that are the same value in Python whichever database stores them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime: `timestamptz` on PostgreSQL, microseconds since 1970 on SQLite, which knows no times."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime] | TypeEngine[int]:
        """The type that the database sees."""
        return BigInteger() if dialect.name == "sqlite" else DateTime(timezone=True)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | int | None:
        """To the database."""
        if value is None or dialect.name != "sqlite":
            return value
        return (value - EPOCH) // _MICROSECOND

    def process_result_value(self, value: datetime | int | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        return EPOCH + value * _MICROSECOND if isinstance(value, int) else value.astimezone(UTC)


def big_number() -> BigInteger:
    """64 bits on both; SQLite counts up by itself only what is called INTEGER."""
    return BigInteger().with_variant(Integer, "sqlite")


class WordsColumn(TypeDecorator[str]):
    """Indexed words in the form of `fulltext.index_form`: a `tsvector`, or on SQLite the text that FTS5 indexes."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        """The type that the database sees."""
        if dialect.name != "postgresql":
            return Text()
        # Imported here: it brings every PostgreSQL driver's dialect along, 0.1 s that a command on SQLite can spare.
        from sqlalchemy.dialects.postgresql import TSVECTOR

        return TSVECTOR()
