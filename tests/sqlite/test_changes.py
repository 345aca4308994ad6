"""A commit is told of, whoever made it; without one nobody is woken."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from wiredesk.sqlite import changes
from wiredesk.sqlite.changes import LOOK_EVERY, CommitCounter
from wiredesk.sqlite.connection import open_connection, to_wal

PATIENCE = 20


@pytest.fixture
def other(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_connection(tmp_path / "file")) as connection:
        to_wal(connection)
        connection.execute("CREATE TABLE t (a)")
        yield connection


async def test_every_commit_wakes_all_who_wait(other: sqlite3.Connection, tmp_path: Path) -> None:
    counter, first, second = CommitCounter(tmp_path / "file"), asyncio.Event(), asyncio.Event()
    counter.start()
    with closing(counter), counter.told_to(first), counter.told_to(second):
        async with asyncio.timeout(PATIENCE):
            for _ in range(3):
                other.execute("INSERT INTO t VALUES (1)")
                await first.wait()
                await second.wait()
                first.clear()
                second.clear()


async def test_reading_and_what_is_rolled_back_wake_nobody(other: sqlite3.Connection, tmp_path: Path) -> None:
    counter, woken = CommitCounter(tmp_path / "file"), asyncio.Event()
    counter.start()
    with closing(counter), counter.told_to(woken):
        other.execute("SELECT * FROM t").fetchall()
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO t VALUES (1)")
        other.execute("ROLLBACK")

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3 * LOOK_EVERY.total_seconds()):
                await woken.wait()


async def test_whoever_left_is_not_woken(other: sqlite3.Connection, tmp_path: Path) -> None:
    counter, gone, stays = CommitCounter(tmp_path / "file"), asyncio.Event(), asyncio.Event()
    counter.start()
    with closing(counter), counter.told_to(stays):
        with counter.told_to(gone):
            pass
        other.execute("INSERT INTO t VALUES (1)")

        async with asyncio.timeout(PATIENCE):
            await stays.wait()
        assert not gone.is_set()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of writes")
async def test_after_a_quiet_time_the_kernel_tells_of_a_commit(
    other: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled = timedelta(milliseconds=200)
    monkeypatch.setattr(changes, "SETTLED", settled)
    monkeypatch.setattr(changes, "QUIET_LOOK", timedelta(days=1))
    counter, woken = CommitCounter(tmp_path / "file"), asyncio.Event()
    counter.start()
    with closing(counter), counter.told_to(woken):
        for _ in range(2):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(2 * settled.total_seconds()):
                    await woken.wait()
            other.execute("INSERT INTO t VALUES (1)")

            async with asyncio.timeout(PATIENCE):
                await woken.wait()
            woken.clear()


async def test_where_the_kernel_tells_nothing_a_commit_is_told_of_all_the_same(
    other: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "_writes", lambda path: None)
    counter, woken = CommitCounter(tmp_path / "file"), asyncio.Event()
    counter.start()
    with closing(counter), counter.told_to(woken):
        other.execute("INSERT INTO t VALUES (1)")

        async with asyncio.timeout(PATIENCE):
            await woken.wait()
