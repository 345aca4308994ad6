"""Judges made-up stories against a state that others race for, as a process of its own.

    python -m tests.state.racer URL PREFIX SEED

Says `ready`, waits for a line, and prints the verdicts by capture as JSON.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys

from tests.state.documents import article, judged, story, variants
from wiredesk.roles.dedupe.stage import Item
from wiredesk.state.open import open_state

STORIES = 10


def printed() -> list[Item]:
    """Every story as four desks print it."""
    chance = random.Random(11)
    return [
        article(f"{number}-{desk}", text, title=f"Story {number}", source=f"{desk}.example")
        for number in range(STORIES)
        for desk, text in enumerate(variants(story(chance)))
    ]


async def race(url: str, *, prefix: str, seed: int) -> dict[str, list[str | None]]:
    """The verdicts on all stories, taken in an order of this racer's own."""
    items = printed()
    mine = random.Random(seed).sample(items, len(items))
    async with open_state(url, prefix=prefix) as state:
        verdicts = await judged(state.seen, mine, size=4)
    return {item.capture: [item.verdict.kind, item.verdict.of] for item in verdicts}


def main() -> None:
    url, prefix, seed = sys.argv[1:]
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(asyncio.run(race(url, prefix=prefix, seed=int(seed)))))


if __name__ == "__main__":
    main()
