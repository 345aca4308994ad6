"""Result codes: which tell of the file, which of a bug; each made by SQLite itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from wiredesk.sqlite.connection import bring_up_to, open_connection
from wiredesk.sqlite.errors import DatabaseFile, Trouble, trouble_of


def no_such_table(path: Path) -> None:
    with closing(open_connection(path)) as connection:
        connection.execute("SELECT * FROM nowhere")


def constraint(path: Path) -> None:
    with closing(open_connection(path)) as connection:
        connection.execute("CREATE TABLE t (a UNIQUE)")
        connection.execute("INSERT INTO t VALUES (1), (1)")


def closed_connection(path: Path) -> None:
    connection = open_connection(path)
    connection.close()
    connection.execute("SELECT 1")


def locked(path: Path) -> None:
    with closing(open_connection(path)) as one, closing(open_connection(path)) as other:
        one.execute("PRAGMA busy_timeout = 1")
        other.execute("BEGIN IMMEDIATE")
        one.execute("BEGIN IMMEDIATE")


def full(path: Path) -> None:
    with closing(open_connection(path)) as connection:
        connection.execute("PRAGMA max_page_count = 2")
        connection.execute("CREATE TABLE t (a)")
        connection.execute("INSERT INTO t VALUES (zeroblob(100000))")


def read_only(path: Path) -> None:
    with closing(open_connection(path, pragmas=("query_only = ON",))) as connection:
        connection.execute("CREATE TABLE t (a)")


def folder(path: Path) -> None:
    path.mkdir()
    open_connection(path).execute("SELECT * FROM sqlite_master")


def rubbish(path: Path) -> None:
    path.write_bytes(b"rubbish" * 1000)
    open_connection(path).execute("SELECT * FROM sqlite_master")


@pytest.mark.parametrize(
    ("fail", "trouble"),
    [
        (no_such_table, None),
        (constraint, None),
        (closed_connection, None),
        (locked, Trouble.CONTENTION),
        (full, Trouble.UNAVAILABLE),
        (read_only, Trouble.UNAVAILABLE),
        (folder, Trouble.UNAVAILABLE),
        (rubbish, Trouble.BROKEN),
    ],
)
def test_a_result_code_tells_of_the_file_or_of_a_bug(
    fail: Callable[[Path], None], trouble: Trouble | None, tmp_path: Path
) -> None:
    with pytest.raises(sqlite3.Error) as caught:
        fail(tmp_path / "file")

    assert trouble_of(caught.value) is trouble


def test_a_schema_is_made_once_and_kept(tmp_path: Path) -> None:
    made: list[int] = []
    file = DatabaseFile(path=tmp_path / "file", noun="log", dependency="bus", advice="")

    with closing(open_connection(file.path)) as connection:
        for version in (1, 1, 2):
            bring_up_to(connection, file, version, make=lambda connection, version=version: made.append(version))  # type: ignore[misc]

    assert made == [1, 2]
