"""Kafka's own limit for a topic, set below our batches: each record answers for its own size, and nobody else's."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import pytest

from tests.bus.backends import Log, browsed, record, spec
from tests.bus.desk import Desk, Items, article, judged
from wiredesk.bus import Bus, TooLarge
from wiredesk.bus.records import header
from wiredesk.fates import Fate, Passed

pytest_plugins = ("tests.bus.fixtures",)
pytestmark = pytest.mark.servers

LIMIT = 100_000
NAMES = [f"{n}" for n in range(100)]


@dataclass(frozen=True)
class Narrow:
    """A log whose topic takes less than a batch of ours, since an administrator said so."""

    bus: Bus
    topic: str


@pytest.fixture
async def narrow(kafka_log: Log) -> AsyncIterator[Narrow]:
    async with kafka_log.open() as bus:
        await bus.apply([spec(kafka_log.topic, partitions=2, max_message_bytes=f"{LIMIT}")])
        yield Narrow(bus=bus, topic=kafka_log.topic)


def incompressible(size: int) -> bytes:
    return os.urandom(size)


async def test_many_good_records_are_written_once_each_and_in_order(narrow: Narrow) -> None:
    await narrow.bus.publish([record(narrow.topic, "k", incompressible(8_000), n=name.encode()) for name in NAMES])

    assert [header(one, "n") for one in await browsed(narrow.bus, narrow.topic)] == NAMES


async def test_a_limit_that_is_lowered_under_a_process_at_work_costs_no_record_and_repeats_none(narrow: Narrow) -> None:
    await narrow.bus.apply([spec(narrow.topic, partitions=2, max_message_bytes="1000000")])
    await narrow.bus.publish([record(narrow.topic, "k", b"first", n=b"first")])
    await narrow.bus.apply([spec(narrow.topic, partitions=2, max_message_bytes=f"{LIMIT}")])

    for _ in range(2):  # it is found out by the first
        await narrow.bus.publish([record(narrow.topic, "k", incompressible(8_000), n=name.encode()) for name in NAMES])

    counts = Counter(header(one, "n") for one in await browsed(narrow.bus, narrow.topic))
    assert counts == {"first": 1, **dict.fromkeys(NAMES, 2)}


async def test_the_record_that_is_too_large_is_named_with_the_true_limit_and_the_others_are_written(
    narrow: Narrow,
) -> None:
    good = [record(narrow.topic, f"{n}", incompressible(8_000)) for n in range(100)]
    large = record(narrow.topic, "large", incompressible(120_000))

    with pytest.raises(
        TooLarge, match=f"record of 120005 bytes for {narrow.topic} exceeds the limit of {LIMIT}$"
    ) as told:
        await narrow.bus.publish([*good[:50], large, *good[50:]])

    assert told.value.record is large
    assert [id(one) for one in told.value.written] == [id(one) for one in good]
    assert sorted(one.value for one in await browsed(narrow.bus, narrow.topic)) == sorted(one.value for one in good)


async def test_a_large_record_that_compresses_well_is_written_as_the_broker_takes_it(narrow: Narrow) -> None:
    await narrow.bus.publish([record(narrow.topic, "k", b"x" * 300_000)])

    assert [len(one.value) for one in await browsed(narrow.bus, narrow.topic)] == [300_000]


async def test_others_who_publish_meanwhile_lose_nothing_and_repeat_nothing(narrow: Narrow, kafka_log: Log) -> None:
    wide = f"{kafka_log.prefix}.wide"
    await narrow.bus.apply([spec(wide, partitions=1)])

    async def many(topic: str) -> None:
        for name in NAMES:
            await narrow.bus.publish([record(topic, name, incompressible(2_000), n=name.encode())])

    async def too_large() -> None:
        for _ in range(10):
            with pytest.raises(TooLarge):
                await narrow.bus.publish([record(narrow.topic, "k", incompressible(150_000))])

    async def cancelled() -> None:
        for _ in range(10):
            async with asyncio.TaskGroup() as tasks:
                publishing = tasks.create_task(narrow.bus.publish([record(wide, "cancelled", "1")]))
                await asyncio.sleep(0)
                publishing.cancel()

    await asyncio.gather(many(wide), many(narrow.topic), too_large(), cancelled())

    for topic in (wide, narrow.topic):
        counts = Counter(header(one, "n") for one in await browsed(narrow.bus, topic) if one.key != b"cancelled")
        assert counts == dict.fromkeys(NAMES, 1)


@pytest.fixture
async def desk(kafka_log: Log) -> AsyncIterator[Desk]:
    async with kafka_log.open() as bus:
        desk = Desk(bus=bus, log=kafka_log)
        await bus.apply([spec(desk.topic("collected"), partitions=2)])
        await bus.apply(
            [spec(desk.topic(name), partitions=2, max_message_bytes=f"{LIMIT}") for name in ("unique", "dead")]
        )
        yield desk


async def large_output(items: Items) -> Sequence[Fate]:
    sizes = {"large": 60_000}  # in hexadecimal digits twice as many, which compression halves at best
    return [
        Passed(outputs=[judged(item.value, text=incompressible(2 * sizes.get(item.value.id, 4_000)).hex())])
        for item in items
    ]


async def test_one_output_above_the_limit_of_its_topic_dies_alone_and_no_id_comes_twice(desk: Desk) -> None:
    await desk.give(*NAMES[:50], "large", *NAMES[50:])

    async with desk.running(large_output):
        (letter,) = await desk.arrive("dead", 1)
        await desk.arrive("unique", len(NAMES))

    out = await desk.settled()
    assert (header(letter, "dead_reason"), out["dead"]) == ("unpublishable", ["large"])
    assert f"exceeds the limit of {LIMIT}" in header(letter, "dead_error")
    assert sorted(out["unique"]) == sorted(NAMES)


@pytest.mark.parametrize("limit", [20_000, 2_000])
async def test_a_letter_is_cut_until_the_dead_letters_topic_takes_it(desk: Desk, limit: int) -> None:
    await desk.bus.apply([spec(desk.topic("dead"), partitions=2, max_message_bytes=f"{limit}")])
    value = incompressible(300_000)
    await desk.bus.publish([record(desk.topic("collected"), "k", value), desk.carrying(article("1"))])

    async with desk.running():
        (letter,) = await desk.arrive("dead", 1)
        await desk.arrive("unique", 1)

    assert len(letter.value) < limit
    assert value.startswith(letter.value)
    assert (header(letter, "dead_truncated"), header(letter, "dead_reason")) == ("300000", "malformed")
