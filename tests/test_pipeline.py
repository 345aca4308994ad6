"""The failure table of a role that reads a topic, row by row, on the embedded log."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from tests.bus.desk import Away, Desk, Items, article, judged, passing
from wiredesk.bus import Record
from wiredesk.bus.records import header
from wiredesk.bus.sqlite import SqliteBus
from wiredesk.errors import Malformed, Overrun, Unavailable
from wiredesk.events import Entry, Times
from wiredesk.failures import CulpritLimit
from wiredesk.fates import Dead, Dropped, Fate, Passed

pytest_plugins = ("tests.bus.fixtures",)

TRACE = f"00-{'ab' * 16}-{'cd' * 8}-01"
ENTRY = Entry(id="e", feed="f", guid="g", url="https://herald.example/1", title="t", revision="r", times=Times())


async def test_what_passes_is_published_under_its_trace_and_committed(desk: Desk) -> None:
    await desk.bus.publish([desk.carrying(article("1"), traceparent=TRACE)])

    async with desk.running():
        (out,) = await desk.arrive("unique", 1)

    assert header(out, "ce_type") == "wiredesk.article.unique"
    assert header(out, "ce_source") == f"/{desk.log.prefix}/dedupe"
    assert header(out, "traceparent").split("-")[1] == TRACE.split("-")[1]
    assert header(out, "traceparent") != TRACE
    assert out.key == b"1"
    assert await desk.settled() == {"unique": ["1"], "dead": []}


GOOD = b'{"id":"p","capture":"capture of p"}'
POISONS = {
    "no JSON": ("wiredesk.article.collected", b"<html>not found</html>"),
    "cut JSON": ("wiredesk.article.collected", b'{"id": "1", "text": "Rai'),
    "no UTF-8": ("wiredesk.article.collected", b'{"id": "\xff\xfe"}'),
    "a field missing": ("wiredesk.article.collected", GOOD),
    "a field of another type": ("wiredesk.article.collected", b'{"id": 7}'),
    "nothing": ("wiredesk.article.collected", b""),
    "nested a hundred thousand deep": ("wiredesk.article.collected", b"[" * 100_000),
    "no type": ("", GOOD),
    "an unknown type": ("wiredesk.cake", GOOD),
    "a type that is not read here": ("wiredesk.entry", None),
    "NUL in a text": ("wiredesk.article.collected", b"\\u0000"),
    "half a surrogate pair": ("wiredesk.article.collected", b"\\ud800"),
}


def poison(desk: Desk, kind: str) -> Record:
    type_name, value = POISONS[kind]
    if value is None:
        value = desk.carrying(ENTRY).value
    elif value.startswith(b"\\u"):  # an article but for its text
        value = desk.carrying(article("p", text="HERE")).value.replace(b"HERE", value)
    headers = (("ce_type", type_name.encode()),) if type_name else ()
    return Record(topic=desk.topic("collected"), key=b"p", value=value, headers=(*headers, ("own", b"\x00\xff")))


@pytest.mark.parametrize("kind", POISONS)
async def test_bytes_that_are_no_event_go_to_dead_and_their_neighbours_pass(desk: Desk, kind: str) -> None:
    bad = poison(desk, kind)
    await desk.bus.publish([desk.carrying(article("1")), bad, desk.carrying(article("2"))])

    async with desk.running():
        (letter,) = await desk.arrive("dead", 1)

    assert (await desk.settled())["unique"] == ["1", "2"]
    assert (letter.key, letter.value) == (bad.key, bad.value)
    assert letter.headers[: len(bad.headers)] == bad.headers
    facts = {
        name: header(letter, f"dead_{name}") for name in ("topic", "partition", "offset", "role", "reason", "time")
    }
    assert facts == {
        "topic": bad.topic,
        "partition": "0",
        "offset": "1",
        "role": "dedupe",
        "reason": "malformed",
        "time": "2026-11-24T12:00:00Z",
    }
    assert header(letter, "dead_error")


async def test_what_the_stage_finds_unacceptable_goes_to_dead_and_what_it_drops_ends(desk: Desk) -> None:
    await desk.give("1", "2", "3")

    async def stage(items: Items) -> Sequence[Fate]:
        return [Dead(reason="no text"), Dropped(reason="too old"), Passed(outputs=[judged(items[2].value)])]

    async with desk.running(stage):
        (letter,) = await desk.arrive("dead", 1)

    assert header(letter, "dead_reason") == "no text"
    assert await desk.settled() == {"unique": ["3"], "dead": ["1"]}


@pytest.mark.parametrize("wrapped", [False, True], ids=["alone", "in a group of tasks"])
async def test_a_dependency_that_is_away_holds_the_batch_and_kills_nothing(desk: Desk, wrapped: bool) -> None:
    away, tried = Away(2), asyncio.Event()
    await desk.give("1", "2")

    async def stage(items: Items) -> Sequence[Fate]:
        if away.left == 1:
            assert desk.health.down == {"database": "connection refused"}
            assert await desk.waiting() == 2
            tried.set()
        try:
            away.ask()
        except Unavailable as error:
            if wrapped:
                raise ExceptionGroup("tasks", [ExceptionGroup("more", [error])]) from None
            raise
        return await passing(items)

    async with desk.running(stage):
        await desk.arrive("unique", 2)

    assert tried.is_set()
    assert desk.health.down == {}
    assert await desk.settled() == {"unique": ["1", "2"], "dead": []}


async def test_a_dependency_that_goes_away_between_culprits_makes_no_culprit(desk: Desk) -> None:
    away = Away(1)
    await desk.give("1", "bad", "2")

    async def stage(items: Items) -> Sequence[Fate]:
        if len(items) > 1 or items[0].value.id == "bad":
            raise ValueError("one of them")
        if items[0].value.id == "2":
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(away.ask_as_task())
        return await passing(items)

    async with desk.running(stage):
        await desk.arrive("unique", 2)

    assert away.left == 0
    assert await desk.settled() == {"unique": ["1", "2"], "dead": ["bad"]}


class Shaky(SqliteBus):
    """A log that is away at first, for writers."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.away = Away(2, dependency="bus")

    async def publish(self, records: Sequence[Record]) -> None:
        self.away.ask()
        await super().publish(records)


async def test_a_log_that_takes_nothing_now_gets_the_same_later(desk: Desk, tmp_path: Path) -> None:
    stages = 0
    await desk.give("1")

    async def stage(items: Items) -> Sequence[Fate]:
        nonlocal stages
        stages += 1
        return await passing(items)

    async with Shaky(tmp_path / "log.sqlite") as shaky, desk.running(stage, bus=shaky):
        await desk.arrive("unique", 1)

    assert stages == 1
    assert await desk.settled() == {"unique": ["1"], "dead": []}


async def test_a_stage_that_raises_on_an_item_loses_that_item_alone(desk: Desk) -> None:
    await desk.give("1", "bad", "2")

    async def stage(items: Items) -> Sequence[Fate]:
        if any(item.value.id == "bad" for item in items):
            raise ZeroDivisionError("by zero \ud800")
        return await passing(items)

    async with desk.running(stage):
        (letter,) = await desk.arrive("dead", 1)

    assert header(letter, "dead_reason") == "failed"
    assert "ZeroDivisionError" in header(letter, "dead_error")
    assert "in stage" in header(letter, "dead_traceback")
    assert await desk.settled() == {"unique": ["1", "2"], "dead": ["bad"]}


async def test_a_stage_that_returns_too_few_fates_is_asked_item_by_item(desk: Desk) -> None:
    await desk.give("1", "2")

    async def stage(items: Items) -> Sequence[Fate]:
        return (await passing(items))[:1]

    async with desk.running(stage):
        await desk.arrive("unique", 2)

    assert await desk.settled() == {"unique": ["1", "2"], "dead": []}


@pytest.mark.parametrize("error", [Overrun("took 9 s"), Malformed("no feed")], ids=["Overrun", "Malformed"])
async def test_any_number_of_items_that_overrun_or_are_malformed_die_and_the_role_lives(
    desk: Desk, error: Exception
) -> None:
    names = [f"{n}" for n in range(2 * CulpritLimit().in_a_row)]
    await desk.give(*names)

    async def stage(items: Items) -> Sequence[Fate]:
        raise error

    async with desk.running(stage):
        letters = await desk.arrive("dead", len(names))

    assert {header(letter, "dead_reason") for letter in letters} == {type(error).__name__.lower()}
    assert await desk.settled() == {"unique": [], "dead": names}


async def test_each_input_is_counted_once_whatever_becomes_of_it(desk: Desk) -> None:
    labels = {"role": "dedupe", "kind": "wiredesk.article.collected"}
    fates = {"passed": "counted", "dropped": "counted", "dead": "counted"}
    before = {fate: _counted(fate=fate, reason=reason, **labels) for fate, reason in fates.items()}
    await desk.give("1", "2", "3")

    async def stage(items: Items) -> Sequence[Fate]:
        return [Passed(reason="counted"), Dropped(reason="counted"), Dead(reason="counted")]

    async with desk.running(stage):
        await desk.arrive("dead", 1)

    after = {fate: _counted(fate=fate, reason=reason, **labels) for fate, reason in fates.items()}
    assert {fate: after[fate] - before[fate] for fate in fates} == {"passed": 1, "dropped": 1, "dead": 1}


def _counted(**labels: str) -> float:
    return REGISTRY.get_sample_value("wiredesk_items_total", labels) or 0
