"""The thread that owns a connection: what it shares, whom it fails, and what becomes of those who wait for it."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest

from wiredesk.errors import Misconfigured, Unavailable
from wiredesk.sqlite.connection import open_connection, to_wal
from wiredesk.sqlite.errors import DatabaseFile
from wiredesk.sqlite.worker import Worker, WorkerEnded

PATIENCE = 20


def file_at(path: Path) -> DatabaseFile:
    return DatabaseFile(path=path, noun="log", dependency="bus", advice="move it away")


def opened(path: Path) -> sqlite3.Connection:
    connection = open_connection(path)
    to_wal(connection)
    connection.execute("CREATE TABLE IF NOT EXISTS words (word TEXT UNIQUE)")
    return connection


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Worker]:
    path = tmp_path / "file.sqlite"
    worker = Worker(file_at(path), lambda: opened(path))
    async with asyncio.timeout(PATIENCE):
        await worker.start()
        yield worker
        await worker.stop()


def writing(word: str) -> Callable[[sqlite3.Connection], None]:
    def act(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO words VALUES (?)", (word,))

    return act


def words(connection: sqlite3.Connection) -> list[str]:
    return [word for (word,) in connection.execute("SELECT word FROM words ORDER BY word")]


def bug(connection: sqlite3.Connection) -> None:
    raise KeyError("an unforeseen error")


def wrong_statement(connection: sqlite3.Connection) -> None:
    connection.execute("SELECT nonsense")


def broken_constraint(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO words VALUES ('twice'), ('twice')")


def exit_of_the_thread(connection: sqlite3.Connection) -> None:
    raise SystemExit


@pytest.mark.parametrize(
    ("act", "error"),
    [(bug, KeyError), (wrong_statement, sqlite3.OperationalError), (broken_constraint, sqlite3.IntegrityError)],
)
async def test_a_bug_fails_its_own_caller_as_what_it_is_and_nobody_else(
    worker: Worker, act: Callable[[sqlite3.Connection], None], error: type[Exception]
) -> None:
    results = await asyncio.gather(
        worker.write(writing("before")), worker.write(act), worker.write(writing("after")), return_exceptions=True
    )

    assert [type(result) for result in results] == [type(None), error, type(None)]
    assert await worker.read(words) == ["after", "before"]


async def test_a_thread_that_ends_is_an_error_for_all_who_wait_and_all_who_come(worker: Worker) -> None:
    results = await asyncio.gather(
        worker.read(exit_of_the_thread), worker.write(writing("waits")), return_exceptions=True
    )

    assert [type(result) for result in results] == [WorkerEnded, WorkerEnded]
    with pytest.raises(WorkerEnded, match="SystemExit"):
        await worker.write(writing("comes later"))


async def test_whoever_asks_a_worker_that_was_stopped_is_told(tmp_path: Path) -> None:
    path = tmp_path / "file.sqlite"
    worker = Worker(file_at(path), lambda: opened(path))
    await worker.start()
    await worker.stop()

    with pytest.raises(WorkerEnded, match="stopped"):
        await worker.read(words)


async def test_a_bug_in_upkeep_is_told_to_who_comes_next(tmp_path: Path) -> None:
    path = tmp_path / "file.sqlite"
    worker = Worker(file_at(path), lambda: opened(path), upkeep=wrong_statement)
    async with asyncio.timeout(PATIENCE):
        await worker.start()

        with pytest.raises(WorkerEnded, match="nonsense"):
            await asyncio.gather(*(worker.read(words) for _ in range(1_000)))


async def test_a_file_that_others_lock_is_unavailable_and_serves_again_when_it_is_free(
    worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await worker.read(lambda connection: connection.execute("PRAGMA busy_timeout = 50").fetchone())
    with closing(sqlite3.connect(tmp_path / "file.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        results = await asyncio.gather(*(worker.write(writing(word)) for word in "abc"), return_exceptions=True)

    assert [type(result) for result in results] == [Unavailable] * 3
    await worker.write(writing("d"))
    assert await worker.read(words) == ["d"]


async def test_a_file_that_is_no_database_is_misconfigured_from_the_start(tmp_path: Path) -> None:
    path = tmp_path / "file.sqlite"
    path.write_bytes(b"this is no database" * 1000)
    worker = Worker(file_at(path), lambda: opened(path))

    with pytest.raises(Misconfigured, match="move it away"):
        await worker.start()


async def test_a_call_that_was_cancelled_while_it_waited_is_not_carried_out(worker: Worker) -> None:
    has_begun, may_end = threading.Event(), threading.Event()

    def slow(connection: sqlite3.Connection) -> None:
        has_begun.set()
        may_end.wait(PATIENCE)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.read(slow))
        await asyncio.to_thread(has_begun.wait, PATIENCE)
        cancelled = tasks.create_task(worker.write(writing("cancelled")))
        tasks.create_task(worker.write(writing("kept")))
        await asyncio.sleep(0)  # both are queued
        cancelled.cancel()
        await asyncio.sleep(0)
        may_end.set()

    assert await worker.read(words) == ["kept"]
