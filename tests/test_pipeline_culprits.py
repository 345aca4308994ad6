"""Whom errors of a stage blame, and when so many blames are our bug."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.bus.backends import browsed
from tests.bus.desk import Away, Desk, Items, passing
from wiredesk.errors import Misconfigured
from wiredesk.events import Entry, Times
from wiredesk.failures import CulpritLimit, OurBug
from wiredesk.fates import Fate

pytest_plugins = ("tests.bus.fixtures",)

TRACE = f"00-{'ab' * 16}-{'cd' * 8}-01"
ENTRY = Entry(id="e", feed="f", guid="g", url="https://herald.example/1", title="t", revision="r", times=Times())


async def test_ten_culprits_in_a_row_are_our_bug_and_nothing_of_them_is_committed(desk: Desk) -> None:
    await desk.give(*[f"{n}" for n in range(CulpritLimit().in_a_row)])

    async def stage(items: Items) -> Sequence[Fate]:
        raise KeyError("ours")

    with pytest.raises(ExceptionGroup) as raised:
        async with desk.running(stage):
            await asyncio.Event().wait()

    assert raised.group_contains(OurBug)
    assert await desk.waiting() == CulpritLimit().in_a_row
    assert await browsed(desk.bus, desk.topic("dead")) == []


async def test_what_only_an_operator_can_mend_blames_no_item_and_ends_the_role(desk: Desk) -> None:
    await desk.give("1")

    async def stage(items: Items) -> Sequence[Fate]:
        raise Misconfigured("state file is damaged")

    with pytest.raises(ExceptionGroup) as raised:
        async with desk.running(stage):
            await asyncio.Event().wait()

    assert raised.group_contains(Misconfigured)
    assert (await desk.waiting(), await browsed(desk.bus, desk.topic("dead"))) == (1, [])


async def test_a_culprit_counts_once_however_often_an_outage_has_it_tried_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wiredesk.pauses.LONGEST_PAUSE", timedelta(milliseconds=5))
    away = Away(2 * CulpritLimit().in_a_row)
    await desk.give("bad", "good")

    async def stage(items: Items) -> Sequence[Fate]:
        if any(item.value.id == "bad" for item in items):
            raise KeyError("poison")
        away.ask()
        return await passing(items)

    async with desk.running(stage):
        await desk.arrive("unique", 1)

    assert away.left == 0
    assert await desk.settled() == {"unique": ["good"], "dead": ["bad"]}


async def test_nine_culprits_and_a_success_and_nine_more_are_no_crash(desk: Desk) -> None:
    bad = [f"bad {n}" for n in range(2 * (CulpritLimit().in_a_row - 1))]
    half = len(bad) // 2
    await desk.give(*bad[:half], "good", *bad[half:])

    async def stage(items: Items) -> Sequence[Fate]:
        if any(item.value.id != "good" for item in items):
            raise KeyError("ours")
        return await passing(items)

    async with desk.running(stage):
        await desk.arrive("dead", len(bad))

    assert await desk.settled() == {"unique": ["good"], "dead": bad}
