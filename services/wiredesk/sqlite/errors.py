"""What a result code of SQLite means: a file that cannot serve now, a file that is broken, or a bug of ours.

The one table for log, state and database. The bug is what is left: a wrong statement, a constraint, a misuse of the
library. Taken for "unavailable" it would be tried again for ever, and nobody would ever read its text.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from wiredesk.errors import Misconfigured, Unavailable, WiredeskError


class Trouble(Enum):
    """What keeps a file from serving."""

    CONTENTION = "others hold a lock: the same transaction may get through at once"
    UNAVAILABLE = "the file or the machine cannot serve now: disk full, read-only, no memory"
    BROKEN = "the file is no database, or its pages are damaged: somebody must move it or restore it"


_CONTENTION = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_UNAVAILABLE = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOLFS,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
}
"""Primary result codes that tell of the file or the machine, not of our statement. https://sqlite.org/rescode.html"""


def trouble_of(error: BaseException | None) -> Trouble | None:
    """What `error` says about the file; None where it says that our code is wrong."""
    code = getattr(error, "sqlite_errorcode", None)
    if not isinstance(code, int):  # Python's own complaints, such as "cannot operate on a closed database"
        return None
    primary = code & 0xFF  # the upper bits say which kind of it
    if primary in _CONTENTION:
        return Trouble.CONTENTION
    if primary in _BROKEN:
        return Trouble.BROKEN
    return Trouble.UNAVAILABLE if primary in _UNAVAILABLE else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseFile:
    """A file as errors name it.

    `noun` is what it is to people ("log"), `dependency` what `/readyz` calls it ("bus"), `advice` what to do with it
    when it is broken.
    """

    path: Path
    noun: str
    dependency: str
    advice: str

    def __str__(self) -> str:
        return f"{self.noun} {self.path}"

    def translated(self, error: sqlite3.Error) -> WiredeskError | None:
        """`error` as one of ours, None where it is a bug."""
        trouble = trouble_of(error)
        if trouble is None:
            return None
        if trouble is Trouble.BROKEN:
            return Misconfigured(f"{self}: {error}; {self.advice}")
        return Unavailable(f"{self}: {error}", dependency=self.dependency)

    @contextmanager
    def translating(self) -> Iterator[None]:
        """Within, SQLite's errors are raised as ours; bugs travel as they are."""
        try:
            yield
        except sqlite3.Error as error:
            ours = self.translated(error)
            if ours is None:
                raise
            raise ours from error
