"""One write transaction, and one consistent view, on a connection that begins none by itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Within, one write transaction: committed at the end, rolled back where anything is raised.

    Immediate: a transaction that reads first and then writes would fail where another process wrote in between.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        _roll_back(connection)
        raise


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Within, all that is read is of one instant.

    Else a topic may be found empty by one statement and to end at 1 by the next, and its first record be skipped.
    """
    connection.execute("BEGIN")
    try:
        yield
    finally:
        _roll_back(connection)


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:  # on a full disk SQLite has rolled back by itself
        connection.execute("ROLLBACK")
