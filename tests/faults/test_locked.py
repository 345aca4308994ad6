"""Every SQLite file of a desk is held by another process for a minute, as a back-up or an editor may do: nothing is lost.

`WIREDESK_TEST_LOCKED_SECONDS` says for how long: 60 in `make faults`.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from tests.faults.ledger import check, until_drained
from tests.faults.press import Press
from tests.faults.replicas import replicas
from tests.pipeline.items import following
from tests.pipeline.running import environment, wiredesk
from tests.web import Site

pytestmark = pytest.mark.faults

SECONDS = float(os.environ.get("WIREDESK_TEST_LOCKED_SECONDS", "60"))
LOT = 12


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Within, nobody else can write to any file of the desk."""
    with ExitStack() as stack:
        for name in ("bus.sqlite", "state.sqlite", "database.sqlite"):
            connection = stack.enter_context(closing(sqlite3.connect(home / name, timeout=30, isolation_level=None)))
            connection.execute("BEGIN IMMEDIATE")
        yield


def all_logs(folder: Path) -> str:
    return "".join(path.read_text("utf-8") for path in folder.glob("*.log"))


async def test_a_desk_whose_files_are_locked_waits_and_loses_nothing(home: Path, tmp_path: Path) -> None:
    async with Site() as site:
        press = Press(site=site)
        env = environment(home, WIREDESK_LEASE="3s")
        for command in ("topics", "database"):
            assert (await wiredesk(command, "apply", env=env)).status == 0
        async with replicas(env, tmp_path) as desk, following(env) as tail:
            feeds = [press.lot(range(lot * LOT, (lot + 1) * LOT)) for lot in range(4)]
            assert (await wiredesk("feeds", "add", *feeds, env=env)).status == 0
            await tail.until_count(2)

            with locked(home):
                await asyncio.sleep(SECONDS)  # the length of the fault itself
                assert desk.ended() == {}

            await tail.until_titles(press.articles)
            await desk.until_ready()
            await until_drained(env)
        await check(env, press)
    logs = all_logs(tmp_path)
    assert "OurBug" not in logs
    assert "its lease ran out" not in logs  # nobody lost a try that he did not make
