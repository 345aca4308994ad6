from __future__ import annotations

import asyncio
from pathlib import Path

import anyio

from wiredesk.database import open_database


async def test_reads_that_a_stop_meets_leave_nothing_behind_that_waits_for_ever(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    async with open_database(f"sqlite:///{tmp_path}/database.sqlite", schema="t") as database:
        for number in range(60):
            with anyio.CancelScope() as scope:
                loop.call_later(number * 0.0001, scope.cancel)
                while True:
                    await database.feeds.list()
                    await asyncio.sleep(0)
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert not left
