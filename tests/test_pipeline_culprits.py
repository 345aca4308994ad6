"""Whom errors of a stage blame, and when so many blames are our bug."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.bus.backends import browsed
from tests.bus.desk import Away, Desk, Items, passing
from wiredesk.errors import Malformed, Misconfigured, Overrun
from wiredesk.events import Entry, Times
from wiredesk.failures import CulpritLimit, OurBug
from wiredesk.fates import Fate

pytest_plugins = ("tests.bus.fixtures",)

TRACE = f"00-{'ab' * 16}-{'cd' * 8}-01"
ENTRY = Entry(id="e", feed="f", guid="g", url="https://herald.example/1", title="t", revision="r", times=Times())


async def test_ten_hosts_in_a_row_whose_items_fail_are_our_bug_and_nothing_of_them_is_committed(desk: Desk) -> None:
    await desk.give_each_of_a_host(*[f"{n}" for n in range(CulpritLimit().in_a_row)])

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
    await desk.give_each_of_a_host(*bad[:half], "good", *bad[half:])

    async def stage(items: Items) -> Sequence[Fate]:
        if any(item.value.id != "good" for item in items):
            raise KeyError("ours")
        return await passing(items)

    async with desk.running(stage):
        await desk.arrive("dead", len(bad))

    assert await desk.settled() == {"unique": ["good"], "dead": bad}


async def test_items_of_one_host_fail_as_often_as_they_like_and_another_s_pass(desk: Desk) -> None:
    bad = [f"bad {n}" for n in range(2 * CulpritLimit().in_a_row)]
    await desk.give(*bad)
    await desk.give_each_of_a_host("good")

    async def stage(items: Items) -> Sequence[Fate]:
        if any(item.value.source == "herald.example" for item in items):
            raise KeyError("whatever this host writes")
        return await passing(items)

    async with desk.running(stage):
        await desk.arrive("dead", len(bad))

    assert await desk.settled() == {"unique": ["good"], "dead": bad}


async def test_what_is_malformed_or_overruns_is_no_bug_of_ours_whatever_hosts_it_is_of(desk: Desk) -> None:
    bad = [f"bad {n}" for n in range(2 * CulpritLimit().in_a_row)]
    await desk.give_each_of_a_host(*bad)

    async def stage(items: Items) -> Sequence[Fate]:
        raise Malformed("what publishers wrote") if len(items[0].value.id) % 2 else Overrun("the same")

    async with desk.running(stage):
        await desk.arrive("dead", len(bad))

    assert await desk.settled() == {"unique": [], "dead": bad}
