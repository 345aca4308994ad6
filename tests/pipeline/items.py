"""What is stored, as the command line tells it, and comparing it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from tests.pipeline.running import COMMAND, PATIENCE, wiredesk

TIMES = frozenset({"times", "stored_at", "first_seen", "seen", "seq"})


async def stored(env: Mapping[str, str], *arguments: str) -> list[dict[str, object]]:
    """What `items search` finds, newest first."""
    ended = await wiredesk("items", "search", "--json", "--limit", "500", *arguments, env=env)
    assert ended.status == 0, ended.err
    return [json.loads(line) for line in ended.out.splitlines()]


def by_id(found: list[dict[str, object]]) -> dict[str, object]:
    """The items without their times, by id."""
    return {str(item["id"]): without_times(item) for item in found}


def without_times(value: object) -> object:
    """`value` but for what is a matter of when it ran: times, and places in the sequence."""
    if isinstance(value, dict):
        return {name: without_times(inner) for name, inner in value.items() if name not in TIMES}
    if isinstance(value, list):
        return [without_times(inner) for inner in value]
    return value


@asynccontextmanager
async def following(env: Mapping[str, str]) -> AsyncIterator[Tail]:
    """`items tail` from now on."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        "items",
        "tail",
        "--json",
        "--from-start",
        env=dict(env),
        stdout=asyncio.subprocess.PIPE,
        limit=64 * 1024 * 1024,
    )
    try:
        yield Tail(process)
    finally:
        process.kill()
        await process.communicate()


class Tail:
    """Items as they are stored; `ids` and `titles` are those of all that came so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.ids: set[str] = set()
        self.titles: set[str] = set()

    async def until(self, ids: set[str]) -> None:
        """Return once all of `ids` were stored."""
        await self._until(lambda: ids - self.ids, within=PATIENCE)

    async def until_titles(self, titles: set[str]) -> None:
        """Return once articles with all those titles were stored."""
        await self._until(lambda: titles - self.titles, within=2 * PATIENCE)

    async def until_count(self, number: int) -> None:
        """Return once so many more items were stored."""
        async with asyncio.timeout(PATIENCE):
            for _ in range(number):
                await self._read()

    async def _until(self, missing: Callable[[], set[str]], *, within: float) -> None:
        try:
            async with asyncio.timeout(within):
                while missing():
                    await self._read()
        except TimeoutError:
            raise AssertionError(f"not stored within {within} s: {missing()}") from None

    async def _read(self) -> None:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        assert line, "the tail ended"
        item = json.loads(line)
        self.ids.add(item["id"])
        self.titles.add(item.get("title", ""))
