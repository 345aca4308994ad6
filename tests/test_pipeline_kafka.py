"""Poison on Kafka: on every topic a role reads it ends in the dead letters, its neighbours pass, and mended it comes back."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Sequence

import pytest
from aiokafka.producer import AIOKafkaProducer

from tests.bus.backends import Log, browsed, spec
from tests.bus.desk import NOW, Desk, Items, article, at_work, judged
from tests.contracts.samples import a_comment, a_copy, an_article
from wiredesk.bus import Record
from wiredesk.bus.dead import find, letters, replay
from wiredesk.bus.records import header, to_record
from wiredesk.errors import Malformed
from wiredesk.events import (
    Article,
    CollectedArticle,
    CollectedComment,
    Comment,
    Entry,
    Event,
    JudgedArticle,
    JudgedComment,
    StoryChanged,
    Times,
)
from wiredesk.fates import Dead, Fate, Passed, Received
from wiredesk.pipeline import Step

pytest_plugins = ("tests.bus.fixtures",)
pytestmark = pytest.mark.servers

TOPICS = ("entries", "collected", "unique", "duplicates", "articles", "comments", "stories")
MEGABYTES = 5_000_000
ENTRY = Entry(id="e", feed="f", guid="g", url="https://herald.example/1", title="t", revision="r", times=Times())

# What each role reads and understands, and an event of each topic.
ROLES: dict[str, tuple[dict[str, Event], tuple[type[Event], ...]]] = {
    "pages": ({"entries": ENTRY}, (Entry,)),
    "dedupe": ({"collected": article("1")}, (CollectedArticle, CollectedComment)),
    "geotag": ({"unique": judged(article("1"))}, (JudgedArticle, JudgedComment)),
    "store": (
        {"articles": an_article(), "comments": a_comment(), "duplicates": a_copy("a2", of="a1")},
        (Article, Comment, JudgedArticle, JudgedComment),
    ),
    "notify": ({"articles": an_article(), "comments": a_comment()}, (Article, Comment, StoryChanged)),
}


@pytest.fixture
async def desk(kafka_log: Log) -> AsyncIterator[Desk]:
    async with kafka_log.open() as bus:
        names = [f"{kafka_log.prefix}.{name}" for name in (*TOPICS, "dead")]
        await bus.apply([spec(name, partitions=2) for name in names])
        yield Desk(bus=bus, log=kafka_log)


@pytest.fixture
async def foreign(kafka_log: Log) -> AsyncIterator[AIOKafkaProducer]:
    """Somebody else's producer, with other limits than ours: the broker weighs what is compressed."""
    servers = kafka_log.url.removeprefix("kafka://")
    async with AIOKafkaProducer(
        bootstrap_servers=servers, compression_type="gzip", max_request_size=10_000_000
    ) as producer:
        yield producer


def poisons(good: Record) -> dict[str, bytes]:
    return {
        "no JSON": b"<html>",
        "not of the schema": b'{"id": 7}',
        "large": b'{"id": "' + b"x" * MEGABYTES + b'"}',
        "NUL": good.value.replace(b'"id":"', b'"id":"\\u0000', 1),
        "no UTF-8": b"\xff\xfe",
    }


@pytest.mark.parametrize("role", ROLES)
async def test_poison_on_any_topic_of_a_role_dies_with_its_headers_and_its_neighbours_pass(
    desk: Desk, foreign: AIOKafkaProducer, role: str
) -> None:
    reads, accepts = ROLES[role]
    expected = set()
    for name, event in reads.items():
        good = to_record(event, prefix=desk.log.prefix, role="test", now=NOW, traceparent="")
        await _send(foreign, good, good.value)
        for kind, value in poisons(good).items():
            await _send(foreign, good, value, (("own", kind.encode()),))
            expected.add((desk.topic(name), kind))
        await _send(foreign, good, good.value)
    passed: list[str] = []

    async def stage(items: Sequence[Received[Event]]) -> Sequence[Fate]:
        passed.extend(item.topic for item in items)
        return [Passed() for _ in items]

    step: Step[Event] = Step(role=role, prefix=desk.log.prefix, reads=tuple(reads), accepts=accepts)
    async with at_work(step, stage, desk.bus):
        dead = await desk.arrive("dead", len(expected))

    assert {(header(letter, "dead_topic"), header(letter, "own")) for letter in dead} == expected
    assert len(dead) == len(expected)
    assert {header(letter, "dead_reason") for letter in dead} == {"malformed"}
    assert {header(letter, "dead_role") for letter in dead} == {role}
    assert all(header(letter, "ce_type") for letter in dead)
    assert {header(letter, "dead_truncated") for letter in dead if header(letter, "own") == "large"} == {
        f"{MEGABYTES + 10}"
    }
    assert sorted(passed) == sorted(2 * [desk.topic(name) for name in reads])
    assert not any(row.records for row in await desk.bus.lag(step.topics, group=step.group))


async def _send(
    producer: AIOKafkaProducer, like: Record, value: bytes, headers: tuple[tuple[str, bytes], ...] = ()
) -> None:
    await producer.send_and_wait(like.topic, value, key=like.key, headers=[*like.headers, *headers])


async def test_a_poison_alone_on_a_quiet_topic_does_not_crash_loop(desk: Desk) -> None:
    await desk.bus.publish([Record(topic=desk.topic("collected"), key=b"k", value=b"<html>")])

    for _ in range(2):  # a restart finds it done
        async with desk.running():
            await desk.arrive("dead", 1)

    assert len(await browsed(desk.bus, desk.topic("dead"))) == 1
    assert await desk.waiting() == 0
    await desk.give("1")
    async with desk.running():
        await desk.arrive("unique", 1)
    assert await desk.settled() == {"unique": ["1"], "dead": [""]}


async def test_a_mended_letter_comes_back_and_leaves_the_list(desk: Desk, foreign: AIOKafkaProducer) -> None:
    good = desk.carrying(article("mended"))
    await _send(foreign, good, b"x" * MEGABYTES)
    async with desk.running():
        await desk.arrive("dead", 1)
    (letter,) = [one async for one in letters(desk.bus, prefix=desk.log.prefix)]
    assert (letter.fact("topic"), letter.fact("truncated")) == (good.topic, f"{MEGABYTES}")

    with pytest.raises(Malformed, match="replay it with a value"):
        await replay(desk.bus, letter)
    await replay(desk.bus, await find(desk.bus, letter.id, prefix=desk.log.prefix), value=good.value)
    async with desk.running():
        (out,) = await desk.arrive("unique", 1)

    assert out.key == b"mended"
    assert [one async for one in letters(desk.bus, prefix=desk.log.prefix)] == []
    assert await desk.waiting() == 0


async def test_a_letter_of_a_bug_comes_back_as_it_was_once_the_bug_is_mended(desk: Desk) -> None:
    await desk.give("1", "2", "3")

    async def buggy(items: Items) -> Sequence[Fate]:
        return [Dead(reason="failed") if item.value.id == "2" else Passed() for item in items]

    async with desk.running(buggy):
        await desk.arrive("dead", 1)
    (letter,) = [one async for one in letters(desk.bus, prefix=desk.log.prefix)]
    await replay(desk.bus, letter)

    async with desk.running():
        (out,) = await desk.arrive("unique", 1)
    assert out.key == b"2"


async def test_an_output_that_only_the_broker_finds_too_large_sends_its_input_to_dead(desk: Desk) -> None:
    await desk.bus.apply([spec(desk.topic("unique"), partitions=2, max_message_bytes="20000")])
    await desk.give("1", "bad", "2")

    async def stage(items: Items) -> Sequence[Fate]:
        return [
            Passed(outputs=[judged(item.value, text=_incompressible(60_000) if item.value.id == "bad" else "Rain.")])
            for item in items
        ]

    async with desk.running(stage):
        (letter,) = await desk.arrive("dead", 1)
        await desk.arrive("unique", 2)

    assert header(letter, "dead_reason") == "unpublishable"
    out = await desk.settled()
    assert out["dead"] == ["bad"]
    assert set(out["unique"]) == {"1", "2"}


async def test_a_letter_that_the_broker_refuses_is_cut(desk: Desk) -> None:
    await desk.bus.apply([spec(desk.topic("dead"), partitions=2, max_message_bytes="100000")])
    value = _incompressible(300_000).encode()
    await desk.bus.publish([Record(topic=desk.topic("collected"), key=b"k", value=value)])

    async with desk.running():
        (letter,) = await desk.arrive("dead", 1)

    assert letter.value == value[:65_536]
    assert header(letter, "dead_truncated") == "300000"


def _incompressible(length: int) -> str:
    return secrets.token_hex(length)[:length]
