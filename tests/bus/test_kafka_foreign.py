"""What others do to our topics on Kafka: transactions, odd metadata, topics made anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.producer import AIOKafkaProducer
from aiokafka.record import default_records

from tests.bus.backends import PATIENCE, Log, browsed, record, spec, values
from tests.bus.desk import Desk, article, ids_of
from wiredesk.bus import Record
from wiredesk.bus.records import header
from wiredesk.errors import Unavailable

pytest_plugins = ("tests.bus.fixtures",)
pytestmark = pytest.mark.servers


@pytest.fixture
async def desk(kafka_log: Log) -> AsyncIterator[Desk]:
    async with kafka_log.open() as bus:
        desk = Desk(bus=bus, log=kafka_log, stall=timedelta(seconds=3))
        # Brokers of today refuse times far ahead, but not those of before 3.6, nor those that were told to take them.
        settings = {"message.timestamp.type": "CreateTime", "message.timestamp.after.max.ms": f"{2**63 - 1}"}
        for name in ("collected", "unique", "dead"):
            await bus.apply([replace(spec(desk.topic(name), partitions=1), settings=settings)])
        yield desk


def servers(log: Log) -> str:
    return log.url.removeprefix("kafka://")


@pytest.mark.parametrize("ending", ["committed", "aborted"])
@pytest.mark.parametrize("names", [["1", "2"], []], ids=["after records", "on a topic without any"])
async def test_a_foreign_transaction_leaves_no_lag_and_the_role_lives(
    desk: Desk, ending: str, names: list[str]
) -> None:
    await desk.give(*names)
    async with AIOKafkaProducer(
        bootstrap_servers=servers(desk.log), transactional_id=f"{desk.log.prefix}.foreign"
    ) as foreign:
        await foreign.begin_transaction()
        one = desk.carrying(article("foreign"))
        await foreign.send_and_wait(one.topic, one.value, key=one.key, headers=list(one.headers))
        await (foreign.commit_transaction() if ending == "committed" else foreign.abort_transaction())

    async with desk.running():
        await desk.arrive("unique", len(names))
        await until_settled(desk)
        assert await desk.waiting() == 0


async def test_a_mark_behind_what_was_read_long_ago_is_passed_as_well(desk: Desk) -> None:
    await desk.give("1")
    async with desk.running():
        await desk.arrive("unique", 1)
        await until_settled(desk)
        async with AIOKafkaProducer(
            bootstrap_servers=servers(desk.log), transactional_id=f"{desk.log.prefix}.late"
        ) as foreign:
            await foreign.begin_transaction()
            one = desk.carrying(article("2"))
            await foreign.send_and_wait(one.topic, one.value, key=one.key, headers=list(one.headers))
            await foreign.abort_transaction()
        await until_settled(desk)


async def until_settled(desk: Desk) -> None:
    async with asyncio.timeout(20):
        while True:
            with suppress(Unavailable):  # a young cluster has no coordinator yet
                if not await desk.waiting():
                    return


TIMES = {"negative": -62_135_596_800_001, "none": -1, "microseconds": 1_764_374_400_000_000, "the last": 2**63 - 1}


@pytest.mark.parametrize("time", TIMES)
async def test_a_record_with_an_odd_creation_time_dies_and_its_neighbours_pass(desk: Desk, time: str) -> None:
    odd = desk.carrying(article("odd"))
    await desk.give("1")
    await send(desk.log, odd, timestamp=TIMES[time])
    await desk.give("2")

    async with desk.running():
        (letter,) = await desk.arrive("dead", 1)
        await desk.arrive("unique", 2)

    assert await desk.settled() == {"unique": ["1", "2"], "dead": ["odd"]}
    assert header(letter, "dead_reason") == "malformed"
    assert f"{TIMES[time]}" in header(letter, "dead_error")
    assert letter.value == odd.value


@pytest.mark.parametrize("compression", [0, 1, 4], ids=["plain", "gzip", "zstd"])
async def test_a_header_name_that_is_not_utf_8_kills_its_record_alone(desk: Desk, compression: int) -> None:
    odd = desk.carrying(article("odd"))
    good = [desk.carrying(article(name)) for name in ("1", "2")]
    await send(desk.log, good[0], odd, good[1], bad_header=odd, compression=compression)

    async with desk.running():
        (letter,) = await desk.arrive("dead", 1)
        await desk.arrive("unique", 2)

    assert await desk.settled() == {"unique": ["1", "2"], "dead": ["odd"]}
    assert "caf\\xe9" in header(letter, "dead_error")
    assert header(letter, "caf\\xe9") == "own"


async def test_lag_and_browse_read_past_odd_metadata(desk: Desk) -> None:
    odd = desk.carrying(article("odd"))
    await send(desk.log, odd, timestamp=-5)
    await send(desk.log, odd, bad_header=odd)
    await desk.give("1")

    (row,) = await desk.bus.lag([odd.topic], group=desk.step.group)
    found = await browsed(desk.bus, odd.topic)

    assert (row.records, row.oldest_at) == (3, None)
    assert sorted(ids_of(found)) == ["1", "odd", "odd"]
    assert sorted(bool(one.fault) for one in found) == [False, True, True]


class _Latin(str):
    """A name that a client encodes as Latin-1 and nobody checks."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return super().encode("latin-1")


async def send(
    log: Log, *records: Record, timestamp: int | None = None, bad_header: Record | None = None, compression: int = 0
) -> None:
    """Write `records` in one batch as a foreign producer may, whose client checks nothing."""
    async with AIOKafkaProducer(bootstrap_servers=servers(log)) as foreign:
        batch = foreign.create_batch()
        batch._builder = default_records._DefaultRecordBatchBuilderPy(
            2, compression, is_transactional=0, producer_id=-1, producer_epoch=-1, base_sequence=0, batch_size=100_000
        )
        for one in records:
            extra = [(_Latin("caf\xe9"), b"own")] if one is bad_header else []
            batch.append(key=one.key, value=one.value, timestamp=timestamp, headers=[*one.headers, *extra])
        await (await foreign.send_batch(batch, records[0].topic, partition=0))


async def test_a_topic_that_is_made_anew_is_read_again_within_seconds_and_health_is_red_meanwhile(
    kafka_log: Log,
) -> None:
    async with kafka_log.open() as bus:
        desk = Desk(bus=bus, log=kafka_log, stall=timedelta(seconds=8))
        topics = [spec(desk.topic(name), partitions=2) for name in ("collected", "unique", "dead")]
        await bus.apply(topics)
        await desk.give("1")
        async with desk.running():
            await desk.arrive("unique", 1)
            admin = AIOKafkaAdminClient(bootstrap_servers=servers(kafka_log))
            await admin.start()
            await admin.delete_topics([desk.topic("collected")])
            await admin.close()
            lack = f"topic {desk.topic('collected')} is missing: `wiredesk topics apply`"
            await desk.health.until(lambda: desk.health.down == {"kafka": lack})
            await bus.apply(topics)
            await desk.give("2")
            await desk.arrive("unique", 2)
            await desk.health.until(lambda: not desk.health.down)


async def test_instances_whose_names_differ_in_a_character_that_kafka_refuses_are_two_members(kafka_log: Log) -> None:
    names = ["eu/1", "eu:1", "eu-1"]
    async with kafka_log.open() as bus:
        await bus.apply([spec(kafka_log.topic)])
        await bus.publish([record(kafka_log.topic, f"{n}", f"{n}") for n in range(40)])
    found: list[str] = []

    async def work(name: str) -> None:
        async with kafka_log.member(name) as (_, subscription):
            async for batch in subscription:
                await subscription.commit(batch)
                found.extend(values(batch))
                held[name] = len(subscription.held() or ())
                if len(set(found)) >= 40 and sorted(held.values()) == [1, 1, 2]:
                    done.set()

    held, done = dict.fromkeys(names, 0), asyncio.Event()
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks, kafka_log.open() as bus:
        members = [tasks.create_task(work(name)) for name in names]
        while not done.is_set():
            await bus.publish([record(kafka_log.topic, f"{n}", f"{n}") for n in range(40)])
        for member in members:
            member.cancel()
