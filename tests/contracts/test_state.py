"""Opening, budgets of hosts and outages on either state."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from wiredesk.errors import Misconfigured
from wiredesk.state import State
from wiredesk.state.open import open_state

pytest_plugins = ("tests.state.backends",)

GAP = timedelta(seconds=20)
LONG = timedelta(hours=1)
NONE = timedelta()
SLACK = timedelta(seconds=5)
"""What the calls themselves may take; far below the gap."""


async def test_an_open_state_answers_and_has_nothing_to_complain_of(state: State) -> None:
    await state.check()

    assert list(await state.warnings()) == []


@pytest.mark.parametrize(
    "url", ["memcached://localhost", "sqlite://", "sqlite:///", "redis://", "redis://localhost:port/0", "state"]
)
def test_a_url_that_names_no_state_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured, match="WIREDESK_STATE_URL"):
        open_state(url, prefix="t")


async def test_the_first_to_ask_a_host_need_not_wait(state: State) -> None:
    assert await state.hosts.take("a.example", gap=GAP, patience=NONE) == NONE


async def test_turns_of_a_host_are_a_gap_apart_whoever_takes_them(state_url: str, prefix: str) -> None:
    clients = [open_state(state_url, prefix=prefix) for _ in range(3)]
    async with clients[0], clients[1], clients[2]:
        waits = await asyncio.gather(
            *(client.hosts.take("a.example", gap=GAP, patience=LONG) for client in clients * 4)
        )

    turns = sorted(waits)
    assert turns[0] == NONE
    for number, wait in enumerate(turns):
        assert GAP * number - SLACK < wait <= GAP * number


async def test_two_never_get_a_turn_at_once(state_url: str, prefix: str) -> None:
    async with open_state(state_url, prefix=prefix) as one, open_state(state_url, prefix=prefix) as other:
        waits = await asyncio.gather(
            *(client.hosts.take("a.example", gap=GAP, patience=NONE) for client in [one, other] * 20)
        )

    assert waits.count(NONE) == 1


async def test_whoever_has_no_patience_reserves_nothing(state: State) -> None:
    await state.hosts.take("a.example", gap=GAP, patience=NONE)

    refused = [await state.hosts.take("a.example", gap=GAP, patience=timedelta(seconds=1)) for _ in range(5)]

    assert all(GAP - SLACK < wait <= GAP for wait in refused)
    assert await state.hosts.take("a.example", gap=GAP, patience=LONG) <= GAP


async def test_hosts_do_not_wait_for_each_other(state: State) -> None:
    waits = [await state.hosts.take(f"{name}.example", gap=GAP, patience=NONE) for name in "abc"]

    assert waits == [NONE] * 3


async def test_a_pause_holds_for_every_client(state_url: str, prefix: str) -> None:
    async with open_state(state_url, prefix=prefix) as one, open_state(state_url, prefix=prefix) as other:
        await one.hosts.pause("a.example", wait=timedelta(minutes=10))

        wait = await other.hosts.take("a.example", gap=GAP, patience=timedelta(seconds=30))

    assert timedelta(minutes=10) - SLACK < wait <= timedelta(minutes=10)


async def test_a_shorter_pause_does_not_shorten_a_longer_one(state: State) -> None:
    await state.hosts.pause("a.example", wait=timedelta(hours=1))
    await state.hosts.pause("a.example", wait=timedelta(minutes=1))

    assert (await state.hosts.waits(["a.example"]))["a.example"] > timedelta(minutes=59)


async def test_turns_after_a_pause_are_a_gap_apart_too(state: State) -> None:
    await state.hosts.pause("a.example", wait=GAP)

    first, second = [await state.hosts.take("a.example", gap=GAP, patience=LONG) for _ in range(2)]

    assert GAP - SLACK < first <= GAP
    assert 2 * GAP - SLACK < second <= 2 * GAP


async def test_looking_reserves_nothing(state: State) -> None:
    assert await state.hosts.waits(["a.example", "b.example"]) == {"a.example": NONE, "b.example": NONE}
    assert await state.hosts.waits([]) == {}

    assert await state.hosts.take("a.example", gap=GAP, patience=NONE) == NONE


async def test_a_host_is_free_again_after_its_gap(state: State) -> None:
    gap = timedelta(milliseconds=30)
    await state.hosts.take("a.example", gap=gap, patience=NONE)

    async with asyncio.timeout(5):
        while (await state.hosts.waits(["a.example"]))["a.example"]:
            pass

    assert await state.hosts.take("a.example", gap=gap, patience=NONE) == NONE


async def test_a_pause_outlives_the_process_that_heard_of_it(state_url: str, prefix: str) -> None:
    async with open_state(state_url, prefix=prefix) as first:
        await first.hosts.pause("a.example", wait=LONG)

    async with open_state(state_url, prefix=prefix) as second:
        assert (await second.hosts.waits(["a.example"]))["a.example"] > LONG - SLACK
