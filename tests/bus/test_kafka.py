"""What only the log on Kafka does: partitions move, names are unique, brokers go away."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from tests.bus.backends import PATIENCE, SESSION, Log, browsed, read, record, spec, values
from tests.servers.kafka import Kafka
from wiredesk.bus import Bus, Record, Subscription, TooLarge
from wiredesk.bus.kafka import KafkaBus
from wiredesk.bus.kafka_options import KafkaOptions
from wiredesk.errors import Misconfigured, Unavailable

pytest_plugins = ("tests.bus.fixtures",)
pytestmark = pytest.mark.servers


@pytest.fixture
async def topic(kafka_log: Log) -> AsyncIterator[Bus]:
    """A process that writes; the topic of the test stands."""
    async with kafka_log.open() as bus:
        await bus.apply([spec(kafka_log.topic)])
        yield bus


async def follow(subscription: Subscription) -> None:
    """Read for ever and commit nothing: what a member does that only keeps up with its group."""
    async for _ in subscription:
        pass


async def test_two_members_have_a_share_each(topic: Bus, kafka_log: Log) -> None:
    shares: dict[str, set[int]] = {"a": set(), "b": set()}
    both = asyncio.Event()

    async def work(name: str) -> None:
        async with kafka_log.member("") as (_, subscription):
            async for batch in subscription:
                await subscription.commit(batch)
                shares[name] = {partition for _, partition in subscription.held() or ()}
                if all(shares.values()) and not shares["a"] & shares["b"]:
                    both.set()

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        members = [tasks.create_task(work(name)) for name in shares]
        while not both.is_set():
            await topic.publish([record(kafka_log.topic, f"{n}", "news") for n in range(40)])
        for member in members:
            member.cancel()

    assert shares["a"] | shares["b"] == {0, 1, 2, 3}


async def test_a_partition_that_went_elsewhere_is_not_committed(topic: Bus, kafka_log: Log) -> None:
    await topic.publish([record(kafka_log.topic, f"{n}", f"{n}") for n in range(40)])
    async with kafka_log.member("") as (_, first):
        mine = await read(first, 40, commit=False)
        async with kafka_log.member("") as (_, second), asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
            keeps_up = tasks.create_task(follow(first))
            theirs = await read(second, 1, commit=False)
            keeps_up.cancel()

            await first.commit(mine)

            went = {one.partition for one in theirs}
            rows = await topic.lag([kafka_log.topic], group=kafka_log.group)
            assert went
            assert all(row.records for row in rows if row.partition in went)
            await second.commit(theirs)


async def test_a_member_that_pauses_follows_a_rebalance_and_loses_nothing(topic: Bus, kafka_log: Log) -> None:
    await topic.publish([record(kafka_log.topic, f"{n}", f"{n}") for n in range(40)])
    async with kafka_log.member("") as (_, first):
        batch = await read(first, 40, commit=False)
        # The second's share can only come when the first, paused, joins again.
        async with asyncio.timeout(PATIENCE), first.paused(), kafka_log.member("") as (_, second):
            found = await read(second, 1)
        await first.commit(batch)
        async with asyncio.timeout(PATIENCE):
            while any(row.records for row in await topic.lag([kafka_log.topic], group=kafka_log.group)):
                found += await read(first, 1)

    assert set(values(found)) <= {f"{n}" for n in range(40)}


async def test_a_changed_partition_count_is_refused_and_the_rest_is_done(topic: Bus, kafka_log: Log) -> None:
    new = f"{kafka_log.prefix}.new"
    wanted = [spec(kafka_log.topic, partitions=8, retention=timedelta(days=1)), spec(new)]

    changes = await topic.apply(wanted)

    assert [(change.topic, change.what, bool(change.refused)) for change in changes] == [
        (kafka_log.topic, "partitions", True),
        (kafka_log.topic, "set retention.ms", False),
        (new, "create", False),
    ]
    assert [change.what for change in await topic.plan(wanted)] == ["partitions"]


async def test_more_replicas_than_brokers_names_the_setting(topic: Bus, kafka_log: Log) -> None:
    with pytest.raises(Misconfigured, match=f"creating {kafka_log.prefix}.new: WIREDESK_KAFKA_REPLICATION=3: "):
        await topic.apply([replace(spec(f"{kafka_log.prefix}.new"), replication=3)])


async def test_a_topic_is_never_set_to_refuse_every_write(topic: Bus, kafka_log: Log) -> None:
    wanted = replace(spec(kafka_log.topic, min_insync_replicas="2"), replication=3)

    changes = await topic.apply([wanted])

    assert [(change.what, bool(change.refused)) for change in changes] == [
        ("replication", True),
        ("set min.insync.replicas", True),
    ]
    await topic.publish([record(kafka_log.topic, "k", "news")])


async def test_settings_of_a_topic_that_others_have_made_stay(topic: Bus, kafka_log: Log) -> None:
    await topic.apply([spec(kafka_log.topic, max_message_bytes="2000000")])

    await topic.apply([spec(kafka_log.topic, retention=timedelta(days=1))])

    assert await topic.plan([spec(kafka_log.topic, retention=timedelta(days=1), max_message_bytes="2000000")]) == []


async def test_records_that_expired_unread_are_told_of_loudly(topic: Bus, kafka_log: Log) -> None:
    await topic.publish([record(kafka_log.topic, "k", f"{n}") for n in range(3)])
    async with kafka_log.member("") as (_, subscription):
        batch = await read(subscription, 3, commit=False)
        await subscription.commit(batch[:1])
    await expire(kafka_log, batch[0].partition, before=2)

    with capture_logs() as logs:
        async with kafka_log.member("") as (_, subscription):
            found = await read(subscription, 1)

    assert values(found) == ["2"]
    assert [(line["log_level"], line["records"]) for line in logs if line["event"] == "bus.records_expired"] == [
        ("error", 1)
    ]


async def test_records_that_expire_under_a_member_at_work_are_told_of_loudly(topic: Bus, kafka_log: Log) -> None:
    async with kafka_log.member("") as (_, subscription):
        await topic.publish([record(kafka_log.topic, "k", "0")])
        (first,) = await read(subscription, 1)
        await subscription.commit([first])
        async with subscription.paused():
            await topic.publish([record(kafka_log.topic, "k", f"{n}") for n in range(1, 4)])
            await expire(kafka_log, first.partition, before=3)
        with capture_logs() as logs:
            found = await read(subscription, 1)

    # What the client had fetched already may still come; of nothing else is anything skipped in silence.
    lost = sum(line["records"] for line in logs if line["event"] == "bus.records_expired")
    assert lost + len(found) == 3
    assert (
        REGISTRY.get_sample_value(
            "wiredesk_records_expired_total", {"group": kafka_log.group, "topic": kafka_log.topic}
        )
        == lost
    )


async def expire(log: Log, partition: int, *, before: int) -> None:
    """Let records go as retention does."""
    admin = AIOKafkaAdminClient(bootstrap_servers=log.url.removeprefix("kafka://"))
    await admin.start()
    await admin.delete_records({TopicPartition(log.topic, partition): RecordsToDelete(before_offset=before)})
    await admin.close()


async def test_lag_knows_the_age_of_every_partition(topic: Bus, kafka_log: Log) -> None:
    await topic.publish([record(kafka_log.topic, f"{n}", f"{n}") for n in range(50)])

    rows = await topic.lag([kafka_log.topic], group=kafka_log.group)

    assert [row.partition for row in rows] == [0, 1, 2, 3]
    assert sum(row.records for row in rows) == 50
    assert all(row.oldest_at is not None for row in rows)


async def test_a_record_above_the_brokers_own_limit_is_too_large_and_the_next_ones_pass(
    topic: Bus, kafka_log: Log
) -> None:
    small_topic = f"{kafka_log.prefix}.small"
    await topic.apply([spec(small_topic, partitions=1, max_message_bytes="10000")])
    with pytest.raises(TooLarge) as caught:
        await topic.publish([record(small_topic, "k", os.urandom(20_000))])
    await topic.publish([record(small_topic, "k", "small")])

    assert len(caught.value.record.value) == 20_000
    assert values(await browsed(topic, small_topic)) == ["small"]


async def test_more_headers_than_fit_are_too_large(topic: Bus, kafka_log: Log) -> None:
    swarm = Record(topic=kafka_log.topic, key=b"", value=b"", headers=tuple((f"{n}", b"") for n in range(199_000)))

    with pytest.raises(TooLarge):
        await topic.publish([swarm])


async def test_a_process_whose_name_another_takes_says_so_and_ends(topic: Bus, kafka_log: Log) -> None:
    await topic.publish([record(kafka_log.topic, f"{n}", f"{n}") for n in range(10)])
    async with kafka_log.member("pages-0") as (_, first):
        await read(first, 10, commit=False)
        async with kafka_log.member("pages-0") as (_, second):
            assert len(await read(second, 10)) == 10

            with pytest.raises(Misconfigured, match="WIREDESK_INSTANCE"):
                async with asyncio.timeout(PATIENCE):
                    await follow(first)

            await topic.publish([record(kafka_log.topic, "k", "later")])
            assert values(await read(second, 1)) == ["later"]


async def test_a_restart_under_its_own_name_is_no_conflict(topic: Bus, kafka_log: Log) -> None:
    await topic.publish([record(kafka_log.topic, "k", "1")])
    for _ in range(2):
        async with kafka_log.member("pages-0") as (_, subscription):
            assert values(await read(subscription, 1, commit=False)) == ["1"]


async def test_a_broker_that_goes_away_is_unavailable_and_comes_back(prefix: str) -> None:
    # A broker that was killed may register again once its session is over: 9 s by default.
    with Kafka(settings={"broker.session.timeout.ms": "1500", "broker.heartbeat.interval.ms": "300"}) as server:
        bus = KafkaBus(
            [server.bootstrap],
            options=KafkaOptions(session=SESSION),
            client="test",
            instance="pages-0",
            patience=timedelta(seconds=3),
        )
        topic = f"{prefix}.entries"
        async with bus, bus.subscribe([topic], group=f"{prefix}.pages") as subscription:
            await bus.apply([spec(topic)])
            await bus.publish([record(topic, "k", "1")])
            assert values(await read(subscription, 1)) == ["1"]

            await asyncio.to_thread(server.kill)
            for act in (
                bus.publish([record(topic, "k", "lost")]),
                bus.check(),
                bus.lag([topic], group=f"{prefix}.pages"),
            ):
                with pytest.raises(Unavailable) as caught:
                    await act
                assert caught.value.dependency == "kafka"
            async with subscription.paused():
                await asyncio.to_thread(server.start)

            await _until_published(bus, record(topic, "k", "2"))
            async with asyncio.timeout(PATIENCE):
                found = await _read_patiently(subscription)
            assert found[-1] == "2"


async def _until_published(bus: Bus, wanted: Record) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await bus.publish([wanted])
            except Unavailable:
                continue


async def _read_patiently(subscription: Subscription) -> list[str]:
    found: list[str] = []
    while "2" not in found:
        try:
            batch = await anext(aiter(subscription))
            await subscription.commit(batch)
        except Unavailable:
            continue
        found += values(batch)
    return found
