"""What a real disk and other processes do to the file."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.state.documents import judged, stream
from wiredesk.errors import Misconfigured, Unavailable
from wiredesk.state.open import open_state
from wiredesk.state.seen import GENERATION, GENERATIONS, Lookup, Update
from wiredesk.state.sqlite import SqliteState

AT = 1_790_000_000
WINDOW = (GENERATION * GENERATIONS).total_seconds()
WRITE = Update(
    at=AT,
    values={b"key": b"12345678value"},
    ref=b"12345678",
    record=b"abcdefgh record",
    hashes=(b"1234", b"5678"),
    story=b"abcdefgh",
    story_value=b"story",
)
ASK = Lookup(at=AT, keys=(b"key",), hashes=(b"1234", b"5678"))


class Clock:
    def __init__(self) -> None:
        self.now = float(AT)

    def __call__(self) -> float:
        return self.now


def rows(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        tables = ("seen_value", "seen_posting", "seen_record", "seen_story", "seen_generation")
        counts = (connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)
        return sum(counts)


async def test_what_was_seen_is_forgotten_after_its_window(tmp_path: Path) -> None:
    clock = Clock()
    async with SqliteState(tmp_path / "state", now=clock) as state:
        await state.seen.settle([], [], [WRITE])
        clock.now += WINDOW
        for _ in range(2):  # what was forgotten is found to be all at the next occasion
            await state.seen.settle([], [], [])

        (answer,) = await state.seen.candidates([ASK])

    assert (answer.values, answer.records, answer.stories) == ({}, {}, {})
    assert rows(tmp_path / "state") == 0


async def test_a_replay_of_old_items_is_remembered_as_long_as_a_new_one(tmp_path: Path) -> None:
    clock = Clock()
    clock.now = AT + 20 * WINDOW
    async with SqliteState(tmp_path / "state", now=clock) as state:
        await state.seen.settle([], [], [WRITE])
        clock.now += WINDOW / 2
        await state.seen.settle([], [], [])

        (answer,) = await state.seen.candidates([ASK])

    assert (set(answer.values), len(answer.near), len(answer.records)) == ({b"key"}, 1, 1)


async def test_much_is_forgotten_in_small_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wiredesk.state.seen_sqlite.FORGOTTEN_AT_ONCE", 10)
    clock = Clock()
    async with SqliteState(tmp_path / "state", now=clock) as state:
        await judged(state.seen, stream(100, seed=2))
        clock.now += 60 * WINDOW
        before = rows(tmp_path / "state")
        await state.seen.settle([], [], [])

        assert before - 40 <= rows(tmp_path / "state") < before


async def test_hosts_that_are_free_again_take_no_room(tmp_path: Path) -> None:
    clock = Clock()
    async with SqliteState(tmp_path / "state", now=clock) as state:
        for number in range(20):
            await state.hosts.take(f"{number}.example", gap=timedelta(seconds=1), patience=timedelta())
        clock.now += 10
        await state.seen.settle([], [], [])

    with closing(sqlite3.connect(tmp_path / "state")) as connection:
        assert connection.execute("SELECT count(*) FROM hosts").fetchone() == (0,)


async def test_no_wait_is_longer_than_it_was_meant_to_be_after_the_clock_was_set_back(tmp_path: Path) -> None:
    clock = Clock()
    async with SqliteState(tmp_path / "state", now=clock) as state:
        await state.hosts.take("a.example", gap=timedelta(seconds=1), patience=timedelta())
        await state.hosts.pause("b.example", wait=timedelta(minutes=2))
        clock.now -= 3600

        waits = await state.hosts.waits(["a.example", "b.example"])
        first = await state.hosts.take("b.example", gap=timedelta(seconds=1), patience=timedelta())
        clock.now += 30
        second = await state.hosts.take("b.example", gap=timedelta(seconds=1), patience=timedelta())

    assert waits == {"a.example": timedelta(seconds=1), "b.example": timedelta(minutes=2)}
    assert (first, second) == (timedelta(minutes=2), timedelta(seconds=90))


async def test_the_event_loop_runs_on_while_the_file_is_locked(tmp_path: Path) -> None:
    path = tmp_path / "state"
    async with SqliteState(path) as state, asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            waiting = tasks.create_task(state.hosts.take("a.example", gap=timedelta(seconds=1), patience=timedelta()))
            # Were it blocked, nobody could give the lock back, and the call would fail.
            for _ in range(3):
                await asyncio.to_thread(lambda: None)
            assert not waiting.done()
            other.execute("ROLLBACK")

    assert waiting.result() == timedelta()


async def test_a_lock_that_is_never_given_back_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wiredesk.sqlite.connection.LOCK_PATIENCE", timedelta(milliseconds=50))
    path = tmp_path / "state"
    async with SqliteState(path) as state:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(Unavailable, match="locked") as caught:
                await state.check()

        await state.check()

    assert caught.value.dependency == "state"


async def test_a_file_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()

    with pytest.raises(Unavailable) as caught:
        async with SqliteState(tmp_path / "state"):
            pass

    assert caught.value.dependency == "state"


async def test_a_file_that_is_no_database_is_misconfigured(tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(b"this is no database" * 1000)

    with pytest.raises(Misconfigured, match="move it away"):
        async with SqliteState(tmp_path / "state"):
            pass


async def test_a_file_spoilt_while_in_use_is_misconfigured(tmp_path: Path) -> None:
    """No retry would help: somebody must move it."""
    path = tmp_path / "state"
    async with SqliteState(path) as state:
        await judged(state.seen, stream(100, seed=1))
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xee" * (len(content) - 4096)
    path.write_bytes(content)

    async with SqliteState(path) as state:
        with pytest.raises(Misconfigured, match="move it away"):
            await state.seen.candidates([ASK])


async def test_a_full_disk_is_unavailable_and_nothing_is_half_written(tmp_path: Path) -> None:
    path = tmp_path / "state"
    async with SqliteState(path) as state:
        await state.seen.settle([], [], [WRITE])
        before = rows(path)
        # The connection's own cap on pages fails as a full disk does: SQLITE_FULL.
        await state._worker.read(lambda connection: connection.execute("PRAGMA max_page_count = 1").fetchone())
        many = [Update(at=AT, values={b"%d" % number: bytes(900)}) for number in range(500)]

        with pytest.raises(Unavailable, match="full"):
            await state.seen.settle([], [], many)

        assert rows(path) == before
        (answer,) = await state.seen.candidates([ASK])
        assert set(answer.values) == {b"key"}


async def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "state")) as connection:
        connection.execute("PRAGMA user_version = 99")

    with pytest.raises(Misconfigured, match="99"):
        async with SqliteState(tmp_path / "state"):
            pass


async def test_processes_that_make_the_file_at_once_all_get_it(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys\nfrom wiredesk.state.open import open_state\n"
        "async def main():\n    async with open_state(sys.argv[1], prefix='t') as state: await state.check()\n"
        "asyncio.run(main())"
    )
    url = f"sqlite:///{tmp_path / 'state'}"

    async with asyncio.timeout(30):
        processes = [await asyncio.create_subprocess_exec(sys.executable, "-c", program, url) for _ in range(4)]
        codes = [await process.wait() for process in processes]

    assert codes == [0, 0, 0, 0]


async def test_openers_within_a_process_all_get_it(tmp_path: Path) -> None:
    async def touch() -> None:
        async with open_state(f"sqlite:///{tmp_path / 'state'}", prefix="t") as state:
            await state.check()

    await asyncio.gather(*(touch() for _ in range(8)))
