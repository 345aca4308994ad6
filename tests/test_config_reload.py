"""A file that an operator edits while a role runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from wiredesk.config_reload import changes, in_force
from wiredesk.errors import Misconfigured
from wiredesk.observe import Health
from wiredesk.stop import Stop

LABELS = {"role": "feeds", "dependency": "feeds"}


def shown() -> float | None:
    return REGISTRY.get_sample_value("wiredesk_dependency_up", LABELS)


class Reader:
    """Refuses what is bad."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.read: asyncio.Queue[str] = asyncio.Queue()

    async def load(self) -> None:
        text = self._path.read_text("utf-8")
        self.read.put_nowait(text)
        if text == "bad":
            raise Misconfigured("line 1: bad")

    async def until(self, text: str) -> None:
        while await self.read.get() != text:
            pass


async def test_a_change_that_is_refused_shows_until_it_is_mended_and_ends_nothing(tmp_path: Path) -> None:
    path, stop, health = tmp_path / "file", Stop(), Health("feeds")
    path.write_text("good")
    reader = Reader(path)
    with capture_logs() as logs:
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            tasks.create_task(
                in_force(reader.load, path, stop, name="feeds", refused="feeds.file_refused", health=health)
            )
            await reader.until("good")
            assert shown() == 1

            path.write_text("bad")
            await reader.until("bad")
            assert shown() == 0
            assert health.down == {}

            path.write_text("good")
            await reader.until("good")
            assert shown() == 1
            stop.ask()
    (line,) = [line for line in logs if line["event"] == "feeds.file_refused"]
    assert line == {"event": "feeds.file_refused", "log_level": "error", "path": str(path), "error": "line 1: bad"}


async def test_a_file_that_is_wrong_at_the_beginning_ends_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("bad")

    with pytest.raises(Misconfigured, match="line 1: bad"):
        await in_force(Reader(path).load, path, Stop(), name="feeds", refused="", health=Health("feeds"))


async def first_change(path: Path, stop: Stop) -> None:
    async for _ in changes(path, stop):
        return


async def test_what_is_written_beside_it_is_no_reason_to_read_it_again(tmp_path: Path) -> None:
    path, other, stop = tmp_path / "file", tmp_path / "other", Stop()
    path.write_text("one")
    reader = Reader(path)
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(in_force(reader.load, path, stop, name="feeds", refused="", health=Health("feeds")))
        await reader.until("one")
        told = tasks.create_task(first_change(path, stop))
        while not told.done():
            other.touch()
            await asyncio.wait({told}, timeout=0.05)
        path.write_text("two")
        assert await reader.read.get() == "two"
        stop.ask()
