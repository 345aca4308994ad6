"""The log, on SQLite and on Kafka."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from tests.bus.backends import PATIENCE, Log, browsed, read, record, spec, values
from wiredesk.bus import Bus, Record, TooLarge
from wiredesk.bus.limits import MAX_RECORD_BYTES

pytest_plugins = ("tests.bus.fixtures",)


async def test_records_of_a_key_arrive_in_the_order_they_were_published(bus: Bus, log: Log) -> None:
    for batch in range(5):
        await bus.publish([record(log.topic, f"key {n % 7}", f"{batch}-{n:02}") for n in range(30)])

    async with log.member("") as (_, subscription):
        found = await read(subscription, 150)

    assert len(found) == 150
    for key in {one.key for one in found}:
        of_key = [one for one in found if one.key == key]
        assert values(of_key) == sorted(values(of_key))
        assert len({one.partition for one in of_key}) == 1


async def test_records_arrive_as_they_were(bus: Bus, log: Log) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    sent = [
        Record(
            topic=log.topic,
            key=b"\x00\xff",
            value=bytes(range(256)),
            headers=(("a", b"\x00\xfe"), ("a", b"2"), ("é", b"")),
        ),
        Record(topic=log.topic, key=b"\x00\xff", value=b"", headers=()),
        Record(topic=log.topic, key=b"", value=b"without key"),
    ]

    await bus.publish(sent)

    async with log.member("") as (_, subscription):
        found = await read(subscription, 3)
    assert {(one.topic, one.key, one.value, one.headers) for one in found} == {
        (one.topic, one.key, one.value, one.headers) for one in sent
    }
    assert all(before < one.at < datetime.now(UTC) + timedelta(seconds=1) for one in found)


async def test_publishing_nothing_is_nothing(bus: Bus, log: Log) -> None:
    await bus.publish([])

    assert await browsed(bus, log.topic) == []


async def test_a_group_goes_on_after_its_last_commit(bus: Bus, log: Log) -> None:
    await bus.publish([record(log.topic, "k", f"{n}") for n in range(10)])
    async with log.member("") as (_, subscription):
        await read(subscription, 10)
    await bus.publish([record(log.topic, "k", f"{n}") for n in range(10, 13)])

    async with log.member("") as (_, subscription):
        found = await read(subscription, 3)

    assert values(found) == ["10", "11", "12"]


async def test_what_was_not_committed_comes_again(bus: Bus, log: Log) -> None:
    await bus.publish([record(log.topic, "k", "1")])
    async with log.member("") as (_, subscription):
        await read(subscription, 1)
        await bus.publish([record(log.topic, "k", "2")])
        assert values(await read(subscription, 1, commit=False)) == ["2"]

    async with log.member("") as (_, subscription):
        found = await read(subscription, 1)

    assert values(found) == ["2"]


async def test_each_group_sees_every_record(bus: Bus, log: Log) -> None:
    await bus.publish([record(log.topic, f"{n}", f"{n}") for n in range(20)])

    found = {}
    for group in ("x", "y"):
        async with bus.subscribe([log.topic], group=f"{log.prefix}.{group}") as subscription:
            found[group] = await read(subscription, 20)

    assert sorted(values(found["x"])) == sorted(values(found["y"])) == sorted(f"{n}" for n in range(20))


async def test_a_subscription_may_read_several_topics(bus: Bus, log: Log) -> None:
    other = f"{log.prefix}.collected"
    await bus.publish([record(log.topic, "1", "entry"), record(other, "2", "article")])

    async with log.member("", log.topic, other) as (_, subscription):
        found = await read(subscription, 2)

    assert {(one.topic, one.value) for one in found} == {(log.topic, b"entry"), (other, b"article")}


async def test_a_member_that_waits_is_woken_by_what_is_published(bus: Bus, log: Log) -> None:
    async with log.member("") as (_, subscription), asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(read(subscription, 1))
        await bus.publish([record(log.topic, "k", "news")])

        assert values(await waiting) == ["news"]


async def test_members_share_the_work_and_lose_nothing(bus: Bus, log: Log) -> None:
    sent = [f"{n}" for n in range(400)]
    seen: Counter[str] = Counter()
    everything = asyncio.Event()

    async def work(instance: str) -> None:
        async with log.member(instance) as (_, subscription):
            async for batch in subscription:
                seen.update(values(batch))
                await subscription.commit(batch)
                if len(seen) == len(sent):
                    everything.set()

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        members = [tasks.create_task(work(instance)) for instance in ("", "")]
        for start in range(0, 400, 20):
            await bus.publish([record(log.topic, value, value) for value in sent[start : start + 20]])
        await everything.wait()
        for member in members:
            member.cancel()

    assert seen.keys() == set(sent)


@pytest.mark.parametrize("successor", ["same", "other"])
async def test_a_killed_member_s_records_come_again(bus: Bus, log: Log, successor: str) -> None:
    await bus.publish([record(log.topic, f"{n}", f"{n}") for n in range(10)])
    async with asyncio.timeout(PATIENCE), log.other_process("same") as process:
        assert process.stdout is not None
        held = 0
        while held < 10:
            held += int((await process.stdout.readline()).split()[1])
        process.kill()
        await process.wait()

        async with log.member(successor) as (_, subscription):
            found = await read(subscription, 10)

    assert sorted(values(found)) == sorted(f"{n}" for n in range(10))


async def test_a_member_that_pauses_keeps_its_partitions_and_reads_nothing(bus: Bus, log: Log) -> None:
    await bus.publish([record(log.topic, "k", "1")])
    async with log.member("") as (_, subscription):
        batch = await read(subscription, 1, commit=False)
        async with subscription.paused():
            await bus.publish([record(log.topic, "k", "2")])
        async with subscription.paused():
            pass

        await subscription.commit(batch)
        assert values(await read(subscription, 1)) == ["2"]

    assert sum(row.records for row in await bus.lag([log.topic], group=log.group)) == 0


async def test_a_record_that_no_log_takes_is_refused_and_nothing_is_written(bus: Bus, log: Log) -> None:
    fits, never = record(log.topic, "k", "small"), record(log.topic, "k", bytes(MAX_RECORD_BYTES))

    with pytest.raises(TooLarge) as caught:
        await bus.publish([fits, never])

    assert caught.value.record == never
    assert await browsed(bus, log.topic) == []
    await bus.publish([fits])
    assert values(await browsed(bus, log.topic)) == ["small"]


async def test_the_largest_record_fits(bus: Bus, log: Log) -> None:
    value = os.urandom(MAX_RECORD_BYTES - 2_000)  # incompressible

    await bus.publish([record(log.topic, "k", value, h=bytes(1_000))])

    assert [one.value for one in await browsed(bus, log.topic)] == [value]


async def test_browsing_gives_what_is_kept_up_to_the_head_and_leaves_groups_alone(bus: Bus, log: Log) -> None:
    await bus.publish([record(log.topic, f"{n}", f"{n}") for n in range(700)])

    found = await browsed(bus, log.topic)

    assert sorted(values(found)) == sorted(f"{n}" for n in range(700))
    assert [one.at for one in found] == sorted(one.at for one in found)
    assert sum(row.records for row in await bus.lag([log.topic], group=log.group)) == 700


async def test_browsing_a_topic_that_does_not_exist_gives_nothing(bus: Bus, log: Log) -> None:
    assert await browsed(bus, f"{log.prefix}.nowhere") == []


async def test_lag_counts_what_waits_and_knows_since_when(bus: Bus, log: Log) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    await bus.publish([record(log.topic, "k", f"{n}") for n in range(5)])

    rows = await bus.lag([log.topic], group=log.group)
    async with log.member("") as (_, subscription):
        await read(subscription, 5)
    after = await bus.lag([log.topic], group=log.group)

    assert [(row.topic, row.partition) for row in rows] == [(log.topic, n) for n in range(len(rows))]
    (waiting,) = [row for row in rows if row.records]
    assert (waiting.committed, waiting.head, waiting.records) == (0, 5, 5)
    assert waiting.oldest_at is not None
    assert before < waiting.oldest_at < datetime.now(UTC) + timedelta(seconds=1)
    assert [row.oldest_at for row in rows if not row.records] == [None] * (len(rows) - 1)
    assert [(row.records, row.oldest_at) for row in after] == [(0, None)] * len(rows)
    assert sum(row.committed for row in after) == 5


async def test_topics_are_planned_then_made_then_as_they_should_be(bus: Bus, log: Log) -> None:
    wanted = [spec(f"{log.prefix}.new"), spec(f"{log.prefix}.unique")]

    planned = await bus.plan(wanted)
    assert [(change.topic, change.what, change.refused) for change in planned] == [
        (one.name, "create", "") for one in wanted
    ]
    assert await bus.apply(wanted) == planned
    assert await bus.plan(wanted) == []
    assert await bus.apply(wanted) == []


async def test_a_changed_retention_is_applied(bus: Bus, log: Log) -> None:
    wanted = [spec(log.topic, retention=timedelta(days=30))]

    (change,) = await bus.apply(wanted)

    assert (change.what, change.have, change.want) == ("set retention.ms", "604800000", "2592000000")
    assert not change.refused
    assert await bus.plan(wanted) == []


async def test_a_log_that_answers_passes_the_check(bus: Bus) -> None:
    await bus.check()
