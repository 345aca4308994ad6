"""What only the embedded log does: one file, one writer, one active member a group."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from tests.bus.backends import PATIENCE, Log, browsed, read, record, spec, values
from wiredesk.bus import Record, sqlite_file
from wiredesk.bus.sqlite import SqliteBus
from wiredesk.errors import Misconfigured, Unavailable
from wiredesk.sqlite.transaction import transaction

pytest_plugins = ("tests.bus.fixtures",)

START = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.sqlite"


def transactions(path: Path) -> int:
    """Commits in the write-ahead log: frames that tell the size of the database. https://sqlite.org/fileformat2.html#walformat"""
    wal = path.with_name(f"{path.name}-wal").read_bytes()
    page = int.from_bytes(wal[8:12])
    frames = range(32, len(wal), 24 + page)
    return sum(wal[at + 8 : at + 16] == wal[16:24] and wal[at + 4 : at + 8] != bytes(4) for at in frames)


async def test_whoever_waits_for_the_disk_shares_the_next_transaction(path: Path) -> None:
    async with SqliteBus(path) as bus:
        await bus.publish([record("t.entries", "k", "first")])
        before = transactions(path)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")  # so that all of them wait
            async with asyncio.TaskGroup() as tasks:
                for n in range(40):
                    tasks.create_task(bus.publish([record("t.entries", "k", f"{n}")]))
                await asyncio.sleep(0)  # they run up to their wait
                other.execute("ROLLBACK")

        assert transactions(path) - before <= 3
        assert values(await browsed(bus, "t.entries")) == ["first", *(f"{n}" for n in range(40))]


async def test_what_is_published_is_on_the_disk_for_any_other_process(path: Path) -> None:
    async with SqliteBus(path) as bus:
        await bus.publish([record("t.entries", "k", "1")])

        with closing(sqlite_file.connect(path)) as other:
            assert [one.value for one in sqlite_file.read(other, "t.entries", 0, max_records=9, max_bytes=9)] == [b"1"]
            assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            assert other.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL


async def test_a_second_process_stands_by_until_the_first_is_killed(sqlite_log: Log) -> None:
    async with sqlite_log.open() as bus, asyncio.timeout(PATIENCE):
        await bus.publish([record(sqlite_log.topic, "k", "1")])
        async with sqlite_log.other_process("") as process, sqlite_log.member("") as (_, standby):
            assert process.stdout is not None
            assert await process.stdout.readline() == b"holds 1\n"

            async with asyncio.TaskGroup() as tasks:
                waiting = tasks.create_task(read(standby, 1))
                await bus.publish([record(sqlite_log.topic, "k", "2")])
                assert await process.stdout.readline() == b"holds 1\n"
                assert standby.held() == frozenset()
                assert not waiting.done()

                process.kill()

                assert values(await waiting) == ["1", "2"]
            assert standby.held() == frozenset({(sqlite_log.topic, 0)})


async def test_two_groups_of_one_process_are_independent(path: Path) -> None:
    async with (
        SqliteBus(path) as bus,
        bus.subscribe(["t.entries"], group="t.a") as first,
        bus.subscribe(["t.entries"], group="t.b/../c") as second,
    ):
        await bus.publish([record("t.entries", "k", "1")])

        assert values(await read(first, 1)) == values(await read(second, 1)) == ["1"]


async def test_a_busy_topic_does_not_starve_the_others(path: Path) -> None:
    async with SqliteBus(path) as bus, bus.subscribe(["t.busy", "t.quiet"], group="t.a") as subscription:
        await bus.publish([record("t.busy", "k", f"{n}") for n in range(1_000)])
        await bus.publish([record("t.quiet", "k", "at last")])

        assert "at last" in values(await read(subscription, 201))


async def test_a_topic_s_first_record_is_not_skipped_when_it_comes_while_a_group_looks_where_to_begin(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was: the topic was empty when asked for its oldest record, and ended at 1 when asked for its head."""
    head = sqlite_file.head

    def after_a_publish(connection: sqlite3.Connection, topic: str) -> int:
        with closing(sqlite_file.connect(path)) as other, transaction(other):
            if not head(other, topic):
                sqlite_file.append(other, sqlite_file.encoded([record(topic, "k", "first")]), now=START)
        return head(connection, topic)

    async with SqliteBus(path) as bus, bus.subscribe(["t.entries"], group="t.a") as subscription:
        monkeypatch.setattr(sqlite_file, "head", after_a_publish)

        assert values(await read(subscription, 1)) == ["first"]


async def test_records_past_their_time_go_and_the_others_stay(path: Path) -> None:
    now = START
    async with SqliteBus(path, now=lambda: now) as bus:
        topics = [spec("t.entries", retention=timedelta(days=7)), spec("t.dead", retention=timedelta(days=30))]
        await bus.apply(topics)
        await bus.publish([record("t.entries", "k", "old"), record("t.dead", "k", "old")])
        now = START + timedelta(days=5)
        await bus.publish([record("t.entries", "k", "young")])
        async with bus.subscribe(["t.entries"], group="t.late") as late:
            now = START + timedelta(days=8)

            await bus.apply(topics)

            assert values(await browsed(bus, "t.entries")) == ["young"]
            assert values(await browsed(bus, "t.dead")) == ["old"]
            (row,) = await bus.lag(["t.entries"], group="t.late")
            assert (row.committed, row.head, row.records) == (1, 2, 1)
            assert [(one.offset, one.value) for one in await read(late, 1)] == [(1, b"young")]


async def test_records_that_expire_before_a_member_reads_them_are_told_of_loudly(path: Path) -> None:
    now = START
    async with SqliteBus(path, now=lambda: now) as bus:
        topics = [spec("t.entries", retention=timedelta(days=7))]
        await bus.apply(topics)
        async with bus.subscribe(["t.entries"], group="t.slow") as slow:
            await bus.publish([record("t.entries", "k", "1")])
            await read(slow, 1)
            await bus.publish([record("t.entries", "k", "2"), record("t.entries", "k", "3")])
            now = START + timedelta(days=8)
            await bus.apply(topics)
            await bus.publish([record("t.entries", "k", "4")])

            with capture_logs() as logs:
                assert values(await read(slow, 1)) == ["4"]

    assert [(line["event"], line["log_level"], line["records"]) for line in logs] == [
        ("bus.records_expired", "error", 2)
    ]
    labels = {"group": "t.slow", "topic": "t.entries"}
    assert REGISTRY.get_sample_value("wiredesk_records_expired_total", labels) == 2


async def test_offsets_go_on_where_everything_has_expired(path: Path) -> None:
    now = START
    async with SqliteBus(path, now=lambda: now) as bus:
        topics = [spec("t.entries", retention=timedelta(days=7))]
        await bus.apply(topics)
        await bus.publish([record("t.entries", "k", "1"), record("t.entries", "k", "2")])
        now = START + timedelta(days=30)
        await bus.apply(topics)

        await bus.publish([record("t.entries", "k", "3")])

        assert [(one.offset, one.value) for one in await browsed(bus, "t.entries")] == [(2, b"3")]


async def test_a_locked_file_is_an_unavailable_log(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wiredesk.sqlite.connection.LOCK_PATIENCE", timedelta(milliseconds=50))
    async with SqliteBus(path) as bus:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for act in (bus.publish([record("t.entries", "k", "1")]), bus.check()):
                with pytest.raises(Unavailable) as caught:
                    await act
                assert caught.value.dependency == "bus"

        await bus.publish([record("t.entries", "k", "2")])

        assert values(await browsed(bus, "t.entries")) == ["2"]


async def test_headers_that_cannot_be_encoded_fail_their_caller_and_not_the_log(path: Path) -> None:
    async with SqliteBus(path) as bus:
        with pytest.raises(UnicodeEncodeError):
            await bus.publish([Record(topic="t.entries", key=b"k", value=b"", headers=(("half \ud800", b""),))])

        await bus.publish([record("t.entries", "k", "1")])


@pytest.mark.parametrize("content", [b"not a database" * 100, b"x" * 4096], ids=["text", "rubbish"])
async def test_a_file_that_is_no_log_is_misconfigured(path: Path, content: bytes) -> None:
    await asyncio.to_thread(path.write_bytes, content)

    with pytest.raises(Misconfigured, match=str(path)):
        async with SqliteBus(path):
            pass


async def test_a_log_of_a_newer_version_is_refused(path: Path) -> None:
    async with SqliteBus(path):
        pass
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {sqlite_file.SCHEMA_VERSION + 1}")

    with pytest.raises(Misconfigured, match="newer"):
        async with SqliteBus(path):
            pass


async def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="there is no folder"):
        async with SqliteBus(tmp_path / "nowhere" / "log.sqlite"):
            pass
