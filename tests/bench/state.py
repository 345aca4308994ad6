"""What the memory of dedupe costs: bytes and round trips on Valkey, articles a second on either state.

python -m tests.bench.state
"""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from redis.asyncio import Redis

from tests.servers.valkey import Valkey
from tests.state.documents import AT, judged, stream
from wiredesk.roles.dedupe.stage import Item
from wiredesk.state import State
from wiredesk.state.open import open_state
from wiredesk.state.seen import Update

ARTICLES = 2_000
BATCH = 100
FILLED = (10_000, 50_000)
VALUES = {b"c": 44, b"f": 0, b"a": 0}
"""Kinds of keys, and how many bytes follow the reference in their values."""


def run() -> list[tuple[str, str]]:
    """Rows of what was measured and the figure."""
    items = stream(ARTICLES, seed=1)
    with TemporaryDirectory() as folder:
        rows = asyncio.run(_embedded(Path(folder) / "state.sqlite", items))
    with Valkey() as server:
        rows += asyncio.run(_served(server.url, items))
    with Valkey() as server:
        rows += asyncio.run(_filled(server.url))
    return rows


async def _embedded(path: Path, items: list[Item]) -> list[tuple[str, str]]:
    async with open_state(f"sqlite:///{path}", prefix="bench") as state:
        rate = await _rate(state, items)
    size = (await asyncio.to_thread(path.stat)).st_size / len(items)
    return [("embedded: dedupe", f"{rate:,.0f} items/s"), ("embedded: state, a file", f"{size:,.0f} bytes/item")]


async def _served(url: str, items: list[Item]) -> list[tuple[str, str]]:
    async with open_state(url, prefix="bench") as state, Redis.from_url(url) as server:
        await judged(state.seen, items[:1], size=1)
        await server.flushdb()  # the script stays
        await server.config_resetstat()
        rate = await _rate(state, items)
        calls = (await server.info("commandstats"))["cmdstat_evalsha"]
    batches = -(-len(items) // BATCH)
    return [
        ("production: dedupe", f"{rate:,.0f} items/s"),
        (f"production: round trips a batch of {BATCH}", f"{calls['calls'] / batches:.2f}"),
        ("production: Valkey busy with a call, on average", f"{calls['usec_per_call'] / 1000:.1f} ms"),
    ]


async def _rate(state: State, items: list[Item]) -> float:
    started = time.perf_counter()
    await judged(state.seen, items, size=BATCH)
    return len(items) / (time.perf_counter() - started)


async def _filled(url: str) -> list[tuple[str, str]]:
    chance = random.Random(1)
    rows, filled = [], 0
    async with open_state(url, prefix="bench") as state, Redis.from_url(url) as server:
        empty = (await server.info("memory"))["used_memory"]
        for level in FILLED:
            while filled < level:
                assert await state.seen.settle([], [], [_write(chance) for _ in range(500)])
                filled += 500
            used = (await server.info("memory"))["used_memory"] - empty
            rows.append((f"production: Valkey memory, {level:,} articles a week", f"{used / level:,.0f} bytes/article"))
    return rows


def _write(chance: random.Random) -> Update:
    """As long as those of Reuters' news are on average."""
    ref, story = chance.randbytes(8), chance.randbytes(8)
    values = {kind + chance.randbytes(16): ref + chance.randbytes(more) for kind, more in VALUES.items()}
    return Update(
        at=int(AT.timestamp()),
        values=values,
        ref=ref,
        record=story + chance.randbytes(392),
        hashes=tuple(chance.randbytes(4) for _ in range(13)),
        story=story,
        story_value=chance.randbytes(13),
    )


if __name__ == "__main__":
    for what, figure in run():
        print(f"{what}: {figure}")
