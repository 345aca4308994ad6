"""Wrong tokens: counted, told, slowed, and never a lock-out of the right one."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from prometheus_client import REGISTRY

from tests.roles.web.api import serving
from wiredesk.database import Database
from wiredesk.roles.web.attempts import FREE, LONGEST, MOST_PEERS, Attempts, delay
from wiredesk.roles.web.keys import Keys
from wiredesk.roles.web.peers import Peers, named
from wiredesk.roles.web.refusals import LINES, SPELL_SECONDS, Refusals
from wiredesk.roles.web.server import Gate

Logged = list[MutableMapping[str, Any]]

TOKEN = "c2VjcmV0LXdvcmQ="
TRIES = 200


def refused(reason: str) -> float:
    return REGISTRY.get_sample_value("wiredesk_refused_total", {"reason": reason}) or 0.0


def test_the_first_wrong_tokens_cost_nothing_and_each_more_twice_as_much_up_to_a_limit() -> None:
    delays = [delay(wrong) for wrong in range(FREE + 12)]

    assert delays[:FREE] == [timedelta()] * FREE
    assert all(
        later in (2 * earlier, LONGEST) for earlier, later in zip(delays[FREE:], delays[FREE + 1 :], strict=False)
    )
    assert delays[-1] == delay(10**6) == LONGEST


def test_a_peer_that_leaves_off_is_forgotten() -> None:
    now = [0.0]
    attempts = Attempts(clock=lambda: now[0])
    for _ in range(20):
        attempts.failed("192.0.2.1")
    assert attempts.delay_of("192.0.2.1") == LONGEST
    assert attempts.delay_of("192.0.2.2") == timedelta()

    now[0] = 601.0

    assert attempts.delay_of("192.0.2.1") == timedelta()


def test_memory_for_peers_is_bounded_and_the_latest_are_known() -> None:
    attempts = Attempts(clock=lambda: 0.0)
    for number in range(MOST_PEERS + 100):
        for _ in range(FREE):
            attempts.failed(str(number))

    assert len(attempts._peers) == MOST_PEERS
    assert attempts.delay_of(str(MOST_PEERS + 99)) > timedelta()


async def test_after_many_wrong_tokens_the_right_one_opens_and_all_were_counted_but_few_told(
    desk: Database, logged: Logged
) -> None:
    before = refused("token")
    async with serving(desk, gate=Gate(token=TOKEN, longest_delay=timedelta(milliseconds=50))) as api:

        async def attempt(number: int) -> int:
            return (await api.ask("/api/items", headers={"Authorization": f"Bearer wrong-{number}"})).status

        statuses = await asyncio.gather(*(attempt(number) for number in range(TRIES)))
        right = await api.ask("/api/items", headers={"Authorization": f"Bearer {TOKEN}"})
        health = await api.get("/livez")

    told = list(logged)
    assert (set(statuses), right.status, health.status) == ({401}, 200, 200)
    assert refused("token") - before == TRIES
    assert len(told) == LINES
    assert told[0] == {
        "event": "web.refused",
        "log_level": "warning",
        "peer": "127.0.0.1",
        "reason": "token",
        "unlogged": 0,
    }


def test_what_was_not_told_is_told_in_number_later(logged: Logged) -> None:
    now = [0.0]
    refusals = Refusals(clock=lambda: now[0])
    for _ in range(LINES + 7):
        refusals.note("token", peer="192.0.2.1")
    logged.clear()

    now[0] = SPELL_SECONDS
    refusals.note("token", peer="192.0.2.1")

    assert logged[0]["unlogged"] == 7


def test_keys_come_from_the_token_one_a_purpose() -> None:
    keys = Keys.of(TOKEN)

    assert keys == Keys.of(TOKEN)
    assert len({keys.sessions, keys.cursors, Keys.of("x" * 16).sessions, Keys.of("x" * 16).cursors}) == 4


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("no address", "unknown"),
    ],
)
def test_peers_are_counted_by_address_or_by_the_network_of_a_household(address: str, name: str) -> None:
    assert named(address) == name


def test_loopback_is_trusted_only_where_it_is_named() -> None:
    assert Peers((ip_network("127.0.0.0/8"),)).is_trusted("127.1.2.3")
    assert not Peers().is_trusted("127.0.0.1")


@pytest.mark.parametrize(
    ("trusted", "told", "counted"),
    [
        ("127.0.0.0/8", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.0/8", "198.51.100.1, 203.0.113.9, 127.0.0.7", "203.0.113.9"),
        ("127.0.0.0/8", "nonsense", "127.0.0.1"),
        ("192.0.2.0/24", "203.0.113.9", "127.0.0.1"),
    ],
    ids=["by a proxy", "by two proxies", "by a proxy that says nothing", "by a stranger"],
)
async def test_a_wrong_token_is_counted_to_whom_it_came_from(
    trusted: str, told: str, counted: str, desk: Database, logged: Logged
) -> None:
    async with serving(desk, gate=Gate(token=TOKEN, trusted=(ip_network(trusted),))) as api:
        await api.ask("/api/items", headers={"Authorization": "Bearer wrong", "X-Forwarded-For": told})

    assert logged[0]["peer"] == counted
