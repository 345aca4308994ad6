"""News for a long time: memory and open files of every role stay level. WIREDESK_TEST_SOAK_SECONDS says how long."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections import defaultdict
from pathlib import Path

import psutil
import pytest

from tests.faults.ledger import alerting, check_alerts, dead, until_alerted, until_drained
from tests.faults.press import Press
from tests.faults.replicas import Replicas, replicas
from tests.pipeline.running import wiredesk
from tests.web import Site

SECONDS = float(os.environ.get("WIREDESK_TEST_SOAK_SECONDS", "1200"))
EVERY = 5.0
LOT = 12
MOST_GROWTH = 1.10
MOST_MORE_MEMORY = 16 * 1024 * 1024  # caches and compiled code fill for a while
MOST_MORE_FILES = 8


@pytest.mark.faults
async def test_memory_and_open_files_stay_level(env: dict[str, str], tmp_path: Path) -> None:
    async with Site() as site:
        press = Press(site=site)
        env |= alerting(site, tmp_path)
        for command in ("topics", "database"):
            assert (await wiredesk(command, "apply", env=env)).status == 0
        memory: dict[str, list[int]] = defaultdict(list)
        files: dict[str, list[int]] = defaultdict(list)
        end = time.monotonic() + SECONDS
        async with replicas(env, tmp_path) as desk:
            number = 0
            while time.monotonic() < end:
                due = time.monotonic() + EVERY
                feed = press.lot(range(number * LOT, (number + 1) * LOT))
                assert (await wiredesk("feeds", "add", feed, env=env)).status == 0
                number += 1
                sample(desk, memory, files)
                await asyncio.sleep(max(0.0, due - time.monotonic()))  # the pace of the load itself
            await until_alerted(site, len(press.articles))
            await until_drained(env)
        for name, sizes in memory.items():
            print(f"\n{name}: {told(sizes, 1024 * 1024)} MB, {told(files[name], 1)} files", end="")
        assert check_alerts(site, press) == 0
        assert len(await dead(env)) == len(press.dead)
        for name, sizes in memory.items():
            early, late = levels(sizes)
            assert late <= max(early * MOST_GROWTH, early + MOST_MORE_MEMORY), (name, sizes)
            early, late = levels(files[name])
            assert late <= early + MOST_MORE_FILES, (name, files[name])


def sample(desk: Replicas, memory: dict[str, list[int]], files: dict[str, list[int]]) -> None:
    """What each role has now, its workers not counted: they come and go."""
    for name, process in desk.running.items():
        seen = psutil.Process(process.pid)
        memory[name].append(seen.memory_info().rss)
        files[name].append(seen.num_fds())


def levels(samples: list[int]) -> tuple[float, float]:
    """The medians of the second quarter, when all is warm, and of the last."""
    quarter = max(1, len(samples) // 4)
    return statistics.median(samples[quarter : 2 * quarter]), statistics.median(samples[-quarter:])


def told(samples: list[int], unit: int) -> str:
    """Early and late level, and the most."""
    early, late = levels(samples)
    return f"{early / unit:.0f} -> {late / unit:.0f} (most {max(samples) / unit:.0f})"
