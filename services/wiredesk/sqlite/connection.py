"""Connections whose transactions are begun explicitly, to files in WAL mode whose schema has a version."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from wiredesk.errors import Misconfigured
from wiredesk.sqlite.errors import DatabaseFile, Trouble, trouble_of
from wiredesk.sqlite.transaction import transaction

LOCK_PATIENCE = timedelta(seconds=5)
"""How long a transaction waits for another process's; theirs take milliseconds."""

JOURNAL_SIZE_LIMIT = "journal_size_limit = 67108864"
"""A WAL that has grown past 64 MB shrinks again once it was folded into the file."""

_BETWEEN_TRIES = 0.02


def open_connection(path: Path, *, pragmas: Sequence[str] = ()) -> sqlite3.Connection:
    """A connection with `pragmas` set; any thread may use it, one at a time.

    Python's sqlite3 would begin transactions by itself, and never before a SELECT: that is switched off.
    """
    connection = sqlite3.connect(
        path, timeout=LOCK_PATIENCE.total_seconds(), isolation_level=None, check_same_thread=False
    )
    try:
        for pragma in (JOURNAL_SIZE_LIMIT, *pragmas):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def to_wal(connection: sqlite3.Connection) -> None:
    """Switch the file to WAL; SQLite does not wait for others who do the same at the same time, so this does."""
    end = time.monotonic() + LOCK_PATIENCE.total_seconds()
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if trouble_of(error) is not Trouble.CONTENTION or time.monotonic() > end:
                raise
            time.sleep(_BETWEEN_TRIES)
        else:
            return


def bring_up_to(
    connection: sqlite3.Connection, file: DatabaseFile, version: int, *, make: Callable[[sqlite3.Connection], None]
) -> None:
    """Let `make` bring the schema to `version` where it is older, in one transaction.

    Raises `Misconfigured` on a file of a newer version.
    """
    if _version_of(connection, file, version) == version:
        return
    with transaction(connection):
        if _version_of(connection, file, version) < version:  # another process may have been faster
            make(connection)
            connection.execute(f"PRAGMA user_version = {version}")


def _version_of(connection: sqlite3.Connection, file: DatabaseFile, known: int) -> int:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > known:
        raise Misconfigured(f"{file} is of version {version}, newer than this program's {known}")
    return version
