"""Connections held to limits: slow clients are cut, newcomers and probes are served."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from ipaddress import ip_network
from typing import Any

import pytest

from tests.contracts.samples import NOW, an_article
from tests.roles.web.api import PATIENCE, Api, serving
from tests.roles.web.test_stream import narrow
from wiredesk.database import Database
from wiredesk.roles.web.connections import ConnectionLimits
from wiredesk.roles.web.server import Gate

SHORT = timedelta(milliseconds=50)
SWEPT = partial(ConnectionLimits, swept_every=timedelta(milliseconds=10))
HALF = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n"
WHOLE = HALF + b"\r\n"
STREAM = b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n"

Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def connected(api: Api, *, sending: bytes = b"") -> AsyncIterator[Wire]:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(api.url.rpartition(":")[2]))
    try:
        writer.write(sending)
        await writer.drain()
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):  # as it should be: it was cut
            await writer.wait_closed()


async def until_cut(reader: asyncio.StreamReader) -> bytes:
    """What came until the server ended the connection."""
    got = b""
    with suppress(ConnectionError):
        async with asyncio.timeout(PATIENCE):
            while piece := await reader.read(2**16):
                got += piece
    return got


@pytest.mark.parametrize(
    ("sending", "reason"),
    [
        (b"", "slow headers"),
        (HALF, "slow headers"),
        (b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n", "slow headers"),
        (HALF + b"X: y\r\n" * 30, "long headers"),
    ],
    ids=["nothing", "half a header", "half a form's header", "many headers"],
)
async def test_who_does_not_come_to_the_end_of_the_headers_is_cut(
    sending: bytes, reason: str, desk: Database, logged: list[MutableMapping[str, Any]]
) -> None:
    slow = SWEPT(headers=SHORT)
    long = SWEPT(header_bytes=100)
    limits = long if reason.startswith("long") else slow
    async with serving(desk, gate=Gate(limits=limits)) as api, connected(api, sending=sending) as (reader, _):
        assert await until_cut(reader) == b""

    assert [line["reason"] for line in logged] == [reason]


async def test_a_connection_that_was_answered_may_be_idle_for_its_own_time_and_is_cut_then(desk: Database) -> None:
    gate = Gate(limits=SWEPT(headers=SHORT, idle=timedelta(milliseconds=300)))
    async with serving(desk, gate=gate) as api, connected(api, sending=WHOLE) as (reader, writer):
        await reader.readuntil(b"ok\n")
        async with connected(api) as (another, _):
            await until_cut(another)  # longer than the time for headers
        writer.write(WHOLE)
        await reader.readuntil(b"ok\n")

        assert await until_cut(reader) == b""


async def test_half_a_body_that_nobody_wants_ends_the_connection(desk: Database) -> None:
    request = b"POST /api/items HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf"
    gate = Gate(limits=SWEPT(headers=SHORT, idle=SHORT))
    async with serving(desk, gate=gate) as api, connected(api, sending=request) as (reader, _):
        assert b" 405 " in await until_cut(reader)


async def test_a_stream_is_cut_for_nobody_and_lasts(desk: Database) -> None:
    gate = Gate(limits=SWEPT(headers=SHORT, idle=SHORT, total=2))
    async with serving(desk, gate=gate) as api, connected(api, sending=STREAM) as (reader, _):
        await reader.readuntil(b"id: 0\n\n")
        for _ in range(5):
            async with connected(api, sending=HALF) as (another, _):
                await until_cut(another)
        await desk.items.put([an_article("a1")], now=NOW)

        async with asyncio.timeout(PATIENCE):
            await reader.readuntil(b'"id":"a1"')


@pytest.mark.parametrize("limits", [SWEPT(total=10), SWEPT(by_peer=10)], ids=["in all", "by peer"])
async def test_where_there_are_too_many_the_one_that_waited_longest_makes_room(
    limits: ConnectionLimits, desk: Database
) -> None:
    async with serving(desk, gate=Gate(limits=limits)) as api, AsyncExitStack() as stack:
        wires = [await stack.enter_async_context(connected(api, sending=HALF)) for _ in range(10)]
        async with connected(api, sending=WHOLE) as (newcomer, _):
            await newcomer.readuntil(b"ok\n")

        assert await until_cut(wires[0][0]) == b""
        wires[-1][1].write(b"\r\n")
        async with asyncio.timeout(PATIENCE):
            await wires[-1][0].readuntil(b"ok\n")


async def test_where_all_are_busy_probes_alone_are_answered(desk: Database) -> None:
    async with serving(desk, gate=Gate(limits=SWEPT(total=3))) as api, AsyncExitStack() as stack:
        for _ in range(3):
            reader, _ = await stack.enter_async_context(connected(api, sending=STREAM))
            await reader.readuntil(b"id: 0\n\n")

        for _ in range(40):  # more than there are spare connections
            assert (await api.get("/livez")).status == 200
        refused = await api.get("/api/items")
        assert (refused.status, refused.headers["Retry-After"]) == (503, "5")


async def test_a_proxy_that_is_trusted_may_have_more_than_a_peer(desk: Database) -> None:
    gate = Gate(limits=SWEPT(by_peer=2, spare=0), trusted=(ip_network("127.0.0.0/8"),))
    async with serving(desk, gate=gate) as api, AsyncExitStack() as stack:
        for _ in range(5):
            reader, _ = await stack.enter_async_context(connected(api, sending=STREAM))
            await reader.readuntil(b"id: 0\n\n")


async def test_who_takes_nothing_of_an_answer_is_cut(desk: Database, logged: list[MutableMapping[str, Any]]) -> None:
    await desk.items.put([an_article(f"a{number}", text="rain " * 100_000) for number in range(4)], now=NOW)
    async with serving(desk, gate=Gate(limits=SWEPT(write=SHORT))) as api:
        wire = await narrow(api.url)
        await asyncio.get_running_loop().sock_sendall(wire, b"GET /api/items HTTP/1.1\r\nHost: localhost\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            while not logged:  # noqa: ASYNC110 - the log has no event to wait for
                await asyncio.sleep(0.01)
        wire.close()

    assert [line["reason"] for line in logged] == ["slow reader"]


async def test_who_takes_an_answer_slowly_gets_it_whole(desk: Database) -> None:
    await desk.items.put([an_article(f"a{number}", text="rain " * 100_000) for number in range(4)], now=NOW)
    limits = SWEPT(write=timedelta(milliseconds=500))
    async with serving(desk, gate=Gate(limits=limits)) as api:
        reader, writer = await asyncio.open_connection(sock=await narrow(api.url), limit=2**12)
        writer.write(b"GET /api/items HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        got = 0
        while piece := await reader.read(2**14):
            got += len(piece)
            await asyncio.sleep(0)
        writer.close()

    assert f"content-length: {got}\r\n" in head.decode().lower()


@pytest.mark.parametrize(("files", "total", "by_peer"), [(200, 100, 50), (1_024, 512, 256), (20_000, 2_500, 512)])
def test_a_process_that_may_open_few_files_takes_few_connections(files: int, total: int, by_peer: int) -> None:
    limits = ConnectionLimits.for_files(files)

    assert (limits.total, limits.by_peer) == (total, by_peer)
