"""What a real server does to us: forgetting, filling up, going away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from tests.servers.valkey import Valkey
from tests.state.documents import judged, stream
from wiredesk.errors import Misconfigured, Unavailable
from wiredesk.state import State, redis
from wiredesk.state.open import open_state
from wiredesk.state.redis import warnings_of
from wiredesk.state.seen import GENERATION, GENERATIONS, Lookup, Update

pytestmark = pytest.mark.servers

GAP = timedelta(seconds=20)
AT = 1_790_000_000


@pytest.fixture
def own() -> Iterator[Valkey]:
    with Valkey() as server:
        yield server


async def touch(state: State) -> None:
    await state.hosts.take("a.example", gap=GAP, patience=GAP)
    await state.seen.candidates([Lookup(at=AT, keys=(b"key",))])


async def test_a_flushed_server_is_asked_on_as_if_nothing_had_been(own: Valkey) -> None:
    items = stream(80, seed=3)
    async with open_state(own.url, prefix="t") as state, Redis.from_url(own.url) as server:
        before = await judged(state.seen, items)
        await state.hosts.pause("a.example", wait=GAP)

        await server.flushall()
        await server.script_flush()

        assert await judged(state.seen, items) == before
        assert await state.hosts.take("a.example", gap=GAP, patience=GAP) == timedelta()


async def test_no_wait_is_longer_than_it_was_meant_to_be_after_the_servers_clock_was_set_back(own: Valkey) -> None:
    key, hour = "t:{hosts}:a.example", 3_600_000_000
    async with open_state(own.url, prefix="t") as state, Redis.from_url(own.url) as server:
        await state.hosts.pause("a.example", wait=GAP)
        free, written = map(int, (await server.get(key) or b"").split())
        await server.set(key, f"{free + hour} {written + hour}")  # as by the clock from before

        wait = (await state.hosts.waits(["a.example"]))["a.example"]
        refused = await state.hosts.take("a.example", gap=GAP, patience=timedelta())
        free, written = map(int, (await server.get(key) or b"").split())

    assert wait == GAP
    assert refused == GAP
    assert free - written == GAP // timedelta(microseconds=1)


async def test_a_flush_between_reading_and_settling_is_a_conflict(own: Valkey) -> None:
    asks = [Lookup(at=AT, keys=(b"key",))]
    write = Update(at=AT, values={b"key": b"12345678value"})
    async with open_state(own.url, prefix="t") as state, Redis.from_url(own.url) as server:
        await state.seen.settle([], [], [write])
        versions = [answer.version for answer in await state.seen.candidates(asks)]

        await server.flushall()

        assert not await state.seen.settle(asks, versions, [write])


@pytest.mark.parametrize("kind", ["v", "h", "r:", "s:"])
async def test_a_server_that_lost_some_keys_costs_verdicts_never_a_fault(kind: str, own: Valkey) -> None:
    items = stream(120, seed=8)
    async with open_state(own.url, prefix="t") as state, Redis.from_url(own.url) as server:
        await judged(state.seen, items[:80])
        lost = [key async for key in server.scan_iter(f"t:{{seen}}:{kind}*", count=1000)]
        await server.delete(*lost)

        assert len(await judged(state.seen, items)) == 120


async def test_a_server_that_comes_back_is_used_again_with_what_it_kept(own: Valkey) -> None:
    async with open_state(own.url, prefix="t") as state:
        await state.hosts.pause("a.example", wait=timedelta(hours=1))
        own.stop()
        with pytest.raises(Unavailable, match=str(own.port)) as caught:
            await touch(state)
        own.start()

        assert (await state.hosts.waits(["a.example"]))["a.example"] > timedelta(minutes=59)

    assert caught.value.dependency == "state"


async def test_a_server_that_is_not_there_is_unavailable(own: Valkey) -> None:
    own.stop()

    with pytest.raises(Unavailable) as caught:
        async with open_state(own.url, prefix="t"):
            pass

    assert caught.value.dependency == "state"


async def test_a_wrong_password_is_unavailable_and_not_told(own: Valkey) -> None:
    async with Redis.from_url(own.url) as server:
        await server.config_set("requirepass", "right")
    url = own.url.replace("redis://", "redis://:mistaken@")

    with pytest.raises(Unavailable) as caught:
        async with open_state(url, prefix="t"):
            pass

    assert "mistaken" not in str(caught.value)


async def full(server: Redis) -> None:
    await server.config_set("maxmemory", "1")


async def replica(server: Redis) -> None:
    await server.replicaof("127.0.0.1", "1")


async def without_replicas(server: Redis) -> None:
    await server.config_set("min-replicas-to-write", "1")


@pytest.mark.parametrize("spoil", [full, replica, without_replicas])
async def test_a_server_that_takes_no_writes_is_unavailable_and_still_read(
    spoil: Callable[[Redis], Awaitable[None]], own: Valkey
) -> None:
    asks = [Lookup(at=AT, keys=(b"key", b"new"))]
    async with open_state(own.url, prefix="t") as state, Redis.from_url(own.url) as server:
        await state.seen.settle([], [], [Update(at=AT, values={b"key": b"12345678value"})])
        await spoil(server)

        for _ in range(2):
            with pytest.raises(Unavailable) as caught:
                await state.seen.settle([], [], [Update(at=AT, values={b"new": b"12345678value"})])
        with pytest.raises(Unavailable):
            await state.hosts.take("a.example", gap=GAP, patience=GAP)

        assert caught.value.dependency == "state"
        (answer,) = await state.seen.candidates(asks)
        assert set(answer.values) == {b"key"}


async def test_doctor_is_told_that_memory_runs_out(own: Valkey) -> None:
    async with open_state(own.url, prefix="t") as state, Redis.from_url(own.url) as server:
        await full(server)

        (warning,) = await state.warnings()

    assert "maxmemory" in warning


async def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    monkeypatch.setattr(redis, "SOCKET_PATIENCE", timedelta(milliseconds=50))
    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as silent, asyncio.timeout(5):
        port = silent.sockets[0].getsockname()[1]

        with pytest.raises(Unavailable, match=str(port)):
            async with open_state(f"redis://127.0.0.1:{port}", prefix="t"):
                pass


async def test_more_callers_than_connections_wait_for_each_other(own: Valkey) -> None:
    async with open_state(own.url, prefix="t") as state:
        waits = await asyncio.gather(
            *(state.hosts.take(f"{number}.example", gap=GAP, patience=GAP) for number in range(redis.CONNECTIONS * 10))
        )

    assert set(waits) == {timedelta()}


async def test_everything_is_kept_under_the_prefix_and_runs_out(own: Valkey) -> None:
    async with open_state(own.url, prefix="desk") as state, Redis.from_url(own.url) as server:
        await judged(state.seen, stream(60, seed=5))
        await touch(state)

        keys = [key async for key in server.scan_iter(count=1000)]
        lives = [await server.ttl(key) for key in keys]

    assert all(key.startswith(b"desk:") for key in keys)
    assert len(keys) > 60
    assert all(0 < life <= (GENERATION * GENERATIONS).total_seconds() for life in lives)


async def test_a_batch_is_read_in_one_call_and_settled_in_another(own: Valkey) -> None:
    async with open_state(own.url, prefix="t") as state, Redis.from_url(own.url) as server:
        await judged(state.seen, stream(20, seed=6))  # from now on the server knows the script
        await server.config_resetstat()

        await judged(state.seen, stream(60, seed=7), size=60)

        calls = await server.info("commandstats")
    assert calls["cmdstat_evalsha"]["calls"] == 2
    assert "cmdstat_eval" not in calls
    assert calls["cmdstat_evalsha"]["failed_calls"] == 0


async def test_a_socket_is_reached_too(own: Valkey) -> None:
    own.stop()
    with (own.folder / "valkey.conf").open("a") as settings:
        settings.write("unixsocket wiredesk.sock\n")
    own.start()

    async with open_state(f"unix://{own.folder / 'wiredesk.sock'}", prefix="t") as state:
        await touch(state)


async def test_doctor_is_told_of_settings_that_lose_what_was_seen(own: Valkey) -> None:
    async with open_state(own.url, prefix="t") as state, Redis.from_url(own.url) as server:
        assert list(await state.warnings()) == []
        await server.config_set("maxmemory-policy", "allkeys-lru")
        await server.config_set("appendonly", "no")

        policy, persistence = await state.warnings()

    assert "allkeys-lru" in policy
    assert "appendonly" in persistence


def test_a_server_that_says_little_of_itself_is_not_suspected_of_eviction() -> None:
    assert ["appendonly" in warning for warning in warnings_of({})] == [True]


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost:99x",
        "redis://localhost/0?socket_timeout=soon",
        "redis://:secret#word@localhost",
        "me:secret@host",
    ],
)
def test_a_url_with_a_mistake_is_refused_and_its_password_not_told(url: str) -> None:
    with pytest.raises(Misconfigured, match="WIREDESK_STATE_URL") as caught:
        open_state(url, prefix="t")

    assert "secret" not in str(caught.value)
