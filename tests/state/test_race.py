"""Several processes judge the same stories at the same time."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence

from tests.state.racer import STORIES, race

pytest_plugins = ("tests.state.backends",)

Verdicts = Mapping[str, Sequence[str | None]]


def originals(verdicts: Verdicts) -> int:
    return [kind for kind, _ in verdicts.values()].count("new")


async def test_clients_at_once_agree_on_one_original_a_story(state_url: str, prefix: str) -> None:
    async with asyncio.timeout(60):
        everyone = await asyncio.gather(*(race(state_url, prefix=prefix, seed=seed) for seed in range(4)))

    assert all(verdicts == everyone[0] for verdicts in everyone)
    assert originals(everyone[0]) == STORIES
    assert len({of for _, of in everyone[0].values() if of}) == STORIES


async def start(url: str, prefix: str, seed: int) -> Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.state.racer", url, prefix, str(seed), stdin=PIPE, stdout=PIPE
    )
    assert process.stdout is not None
    await process.stdout.readline()
    return process


async def finish(process: Process) -> Verdicts:
    output, _ = await process.communicate(b"go\n")
    verdicts: Verdicts = json.loads(output)
    return verdicts


async def test_processes_at_once_agree_on_one_original_a_story(state_url: str, prefix: str) -> None:
    async with asyncio.timeout(60):
        processes = await asyncio.gather(*(start(state_url, prefix, seed) for seed in range(4)))
        everyone = await asyncio.gather(*(finish(process) for process in processes))

    assert all(verdicts == everyone[0] for verdicts in everyone)
    assert originals(everyone[0]) == STORIES
