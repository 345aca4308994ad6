"""Four dedupe processes judge copies of the same stories at the same time, and again after they were killed."""

from __future__ import annotations

import asyncio
import contextlib
import random
from asyncio.subprocess import Process
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from tests.pipeline.running import environment, start, wiredesk
from tests.state.documents import article, story, variants
from wiredesk.backends import bus_of
from wiredesk.bus import Bus
from wiredesk.bus.records import to_event, to_record
from wiredesk.config import load
from wiredesk.events import CollectedArticle, JudgedArticle

pytestmark = pytest.mark.servers

REPLICAS = 4
PATIENCE = 300.0
Told = tuple[str, str | None, str]
"""A verdict: its kind, of what, and the story."""


@pytest.mark.parametrize(
    ("stories", "redeliveries"), [(100, 1_000), pytest.param(2_000, 20_000, marks=pytest.mark.faults)]
)
async def test_replicas_at_once_find_one_original_a_story_and_never_change_a_verdict(
    home: Path, tmp_path: Path, servers: Mapping[str, str], stories: int, redeliveries: int
) -> None:
    env = environment(home, **{**servers, "WIREDESK_KAFKA_PARTITIONS": "8"})
    for command in ("topics", "database"):
        assert (await wiredesk(command, "apply", env=env)).status == 0
    printed = _printed(stories)
    chance = random.Random(5)
    async with _bus(env) as bus:
        verdicts = Verdicts(env)
        async with _replicas(env, tmp_path):
            await _publish(bus, env, printed)
            await verdicts.read(bus, until=len(printed))
            first = {capture: told for capture, (told, *_) in verdicts.by_capture.items()}
            await _publish(bus, env, chance.choices(printed, k=redeliveries))
            await verdicts.read(bus, until=len(printed) + redeliveries // 3)
        async with _replicas(env, tmp_path):  # those before were killed in the middle of it
            await verdicts.read(bus, until=len(printed) + redeliveries)

    _one_original_a_story(printed, first)
    assert {capture: set(told) for capture, told in verdicts.by_capture.items()} == {
        capture: {told} for capture, told in first.items()
    }


def _printed(stories: int) -> list[CollectedArticle]:
    """Every story as four desks print it, one after the other."""
    chance = random.Random(11)
    return [
        article(f"{number}-{desk}", text, title=f"Story {number}", source=f"{desk}.example")
        for number in range(stories)
        for desk, text in enumerate(variants(story(chance)))
    ]


def _one_original_a_story(printed: Sequence[CollectedArticle], told: Mapping[str, Told]) -> None:
    by_story: dict[str, list[tuple[str, Told]]] = defaultdict(list)
    for copy in printed:
        by_story[copy.title].append((copy.id, told[copy.capture]))
    for title, copies in by_story.items():
        originals = [name for name, (kind, _, _) in copies if kind == "new"]
        assert len(originals) == 1, (title, copies)
        assert {of for _, (kind, of, _) in copies if kind == "duplicate"} == set(originals), (title, copies)
        assert len({story for _, (_, _, story) in copies}) == 1, (title, copies)


class Verdicts:
    """What is said on `unique` and `duplicates`, every time."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._prefix = load(env).prefix
        self.by_capture: dict[str, list[Told]] = defaultdict(list)
        self._read = 0

    async def read(self, bus: Bus, *, until: int) -> None:
        """Read on until so many verdicts were read in all, or more; what a replay says again counts as well."""
        if self._read >= until:
            return
        topics = [f"{self._prefix}.{name}" for name in ("unique", "duplicates")]
        async with asyncio.timeout(PATIENCE), bus.subscribe(topics, group=f"{self._prefix}.reader") as subscription:
            async for batch in subscription:
                for consumed in batch:
                    judged = to_event(consumed)
                    assert isinstance(judged, JudgedArticle)
                    told = judged.verdict.kind, judged.verdict.of, judged.story.id if judged.story else ""
                    self.by_capture[judged.capture].append(told)
                await subscription.commit(batch)
                self._read += len(batch)
                if self._read >= until:
                    return


async def _publish(bus: Bus, env: Mapping[str, str], items: Sequence[CollectedArticle]) -> None:
    prefix, now = load(env).prefix, datetime.now(UTC)
    for at in range(0, len(items), 500):
        records = [
            to_record(item, prefix=prefix, role="pages", now=now, traceparent="") for item in items[at : at + 500]
        ]
        await bus.publish(records)


@asynccontextmanager
async def _bus(env: Mapping[str, str]) -> AsyncIterator[Bus]:
    async with bus_of(load(env), client="test") as bus:
        yield bus


async def _is_shared(admin: AIOKafkaAdminClient, group: str) -> bool:
    try:
        (answer,) = await admin.describe_consumer_groups([group])
    except GroupCoordinatorNotAvailableError:  # of a cluster that has just started
        return False
    (described,) = answer.to_object()["groups"]
    return described["state"] == "Stable" and len(described["members"]) == REPLICAS


async def _until_shared(env: Mapping[str, str], running: Sequence[Process]) -> None:
    """Return once all replicas are members and the group has settled; at once after a restart, being static."""
    admin = AIOKafkaAdminClient(bootstrap_servers=env["WIREDESK_BUS_URL"].removeprefix("kafka://"))
    await admin.start()
    try:
        while not await _is_shared(admin, f"{load(env).prefix}.dedupe"):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    await running[0].wait()
            assert running[0].returncode is None
    finally:
        await admin.close()


@asynccontextmanager
async def _replicas(env: Mapping[str, str], folder: Path) -> AsyncIterator[None]:
    """Four of them that share the partitions, until the block ends; then they are killed at whatever they do."""
    running = [await start(env, folder, "dedupe", number=number) for number in range(REPLICAS)]
    try:
        async with asyncio.timeout(PATIENCE):
            await _until_shared(env, running)
        yield
        ended = [process.returncode for process in running if process.returncode is not None]
        assert not ended, f"a replica ended by itself: {ended}"
    finally:
        for process in running:
            if process.returncode is None:
                process.kill()
            await process.wait()
