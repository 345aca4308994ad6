"""The disk under the embedded files full: refused with a clear error, nothing corrupt, and on by itself once there is room."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.bus.backends import browsed, record, values
from tests.faults.ledger import check, until_drained
from tests.faults.press import Press
from tests.faults.replicas import replicas
from tests.pipeline.items import following
from tests.pipeline.running import PATIENCE, environment, logs_of, wiredesk
from tests.web import Site
from wiredesk.bus.sqlite import SqliteBus
from wiredesk.errors import Unavailable

SMALL = 24 * 1024 * 1024
LEFT = 1024 * 1024
"""Room for what a desk writes when it starts, and for little more."""

LOT = 12


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of `SMALL` bytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"no small file system can be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path, *, but: int = 0) -> Path:
    """Fill the file system but for so many bytes; the file to remove."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        file.write(bytes(max(0, os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize - but)))
    return filler


def integrity(folder: Path) -> dict[str, str]:
    """What SQLite says of every file."""
    found = {}
    for path in folder.glob("*.sqlite*"):
        if path.read_bytes()[:6] == b"SQLite":
            with closing(sqlite3.connect(path)) as connection:
                found[path.name] = connection.execute("PRAGMA integrity_check").fetchone()[0]
    return found


async def test_a_log_on_a_full_disk_refuses_with_a_clear_error_reads_on_and_goes_on_once_there_is_room(
    small: Path,
) -> None:
    kept: list[str] = []
    async with SqliteBus(small / "log.sqlite") as bus:
        await bus.publish([record("t.entries", "k", "first")])
        kept.append("first")
        filler = fill(small, but=LEFT)
        with pytest.raises(Unavailable, match="full") as refused:
            await publish_for_ever(bus, kept)
        assert refused.value.dependency == "bus"
        assert values(await browsed(bus, "t.entries")) == kept

        filler.unlink()
        await bus.publish([record("t.entries", "k", "last")])

        assert values(await browsed(bus, "t.entries")) == [*kept, "last"]
    assert integrity(small) == {"log.sqlite": "ok"}


async def test_a_desk_whose_disk_is_full_waits_and_loses_nothing(small: Path, tmp_path: Path, gazetteer: Path) -> None:
    (small / gazetteer.name).symlink_to(gazetteer)
    async with Site() as site:
        press = Press(site=site)
        env = environment(small, WIREDESK_LEASE="3s")
        for command in ("topics", "database"):
            assert (await wiredesk(command, "apply", env=env)).status == 0
        async with replicas(env, tmp_path) as desk, following(env) as tail:
            feeds = [press.lot(range(lot * LOT, (lot + 1) * LOT)) for lot in range(4)]
            assert (await wiredesk("feeds", "add", *feeds, env=env)).status == 0
            await tail.until_count(2)
            filler = fill(small)

            await desk.until_any_is_not_ready()
            await until_logged(tmp_path, "full")
            assert desk.ended() == {}
            filler.unlink()

            await tail.until_titles(press.articles)
            await desk.until_ready()
            await until_drained(env)
        await check(env, press)
    assert set(integrity(small).values()) == {"ok"}


async def publish_for_ever(bus: SqliteBus, kept: list[str]) -> None:
    """Publish, and note what was taken."""
    while True:
        value = f"{len(kept)} " + "x" * 50_000
        await bus.publish([record("t.entries", "k", value)])
        kept.append(value)


async def until_logged(folder: Path, word: str) -> None:
    """Return once the log of a role has it."""
    async with asyncio.timeout(PATIENCE):
        while word not in logs_of(folder):  # noqa: ASYNC110 - other processes write them
            await asyncio.sleep(0.1)
