"""`/api/stream`: nothing missed, nothing twice, and nobody held up by a slow reader."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest

from tests.contracts.samples import NOW, a_comment, an_article
from tests.roles.web.api import PATIENCE, Api, serving
from wiredesk.database import Database
from wiredesk.roles.web import server
from wiredesk.roles.web.follower import StreamLimits
from wiredesk.roles.web.server import Gate

pytest_plugins = ("tests.contracts.databases",)

QUICK = StreamLimits(look_every=timedelta(milliseconds=5), heartbeat=timedelta(milliseconds=40))


@pytest.fixture
async def both(database: Database) -> AsyncIterator[Api]:
    async with serving(database, limits=QUICK) as api:
        yield api


@pytest.fixture
async def quick(desk: Database) -> AsyncIterator[Api]:
    async with serving(desk, limits=QUICK) as api:
        yield api


async def store(database: Database, *names: str, text: str = "Rain.") -> None:
    for name in names:
        await database.items.put([an_article(name, text=text)], now=NOW)


async def test_items_come_as_they_are_stored_and_look_as_in_a_list(both: Api, database: Database) -> None:
    await store(database, "before")

    async with both.stream() as stream:
        await stream.block()
        await store(database, "a1")
        item = await stream.item()

    assert item == (await both.get("/api/items/a1")).json
    assert stream.last == str(item["seq"]) == "2"


async def test_since_id_gives_what_was_stored_after_it_then_what_comes(both: Api, database: Database) -> None:
    names = [f"a{number:03}" for number in range(450)]  # more than one look at the database
    await database.items.put([an_article(name) for name in names], now=NOW)

    async with both.stream(since_id="3") as stream:
        assert await stream.items(447) == names[3:]
        await store(database, "b1", "b2")
        assert await stream.items(2) == ["b1", "b2"]


async def test_cut_again_and_again_and_resumed_while_four_write_it_misses_nothing_and_doubles_nothing(
    both: Api, database: Database
) -> None:
    written = [[f"w{writer}-{number:02}" for number in range(30)] for writer in range(4)]
    seen: list[str] = []
    last = "0"

    async with asyncio.TaskGroup() as tasks:
        for names in written:
            tasks.create_task(store(database, *names))
        while len(seen) < 120:
            async with both.stream(last=last, since_id="0") as stream:  # as a browser: the URL stays, the header counts
                seen += await stream.items(min(7, 120 - len(seen)))
                last = stream.last

    assert sorted(seen) == sorted(name for names in written for name in names)
    async with both.stream(last=last) as stream:
        assert "data" not in await stream.block()
        assert "data" not in await stream.block()


async def test_many_readers_each_get_everything_while_four_write(both: Api, database: Database) -> None:
    written = [[f"w{writer}-{number:02}" for number in range(20)] for writer in range(4)]
    last = []

    async def read() -> list[str]:
        async with both.stream(since_id="0") as stream:
            seen = await stream.items(80)
            last.append(stream.last)
            return seen

    async with asyncio.TaskGroup() as tasks:
        readers = [tasks.create_task(read()) for _ in range(12)]
        for names in written:
            tasks.create_task(store(database, *names))

    in_order = await both.read_to_the_end(order="oldest")
    assert all(reader.result() == in_order for reader in readers)
    assert set(last) == {"80"}


async def test_a_filter_lets_only_its_items_through_and_the_place_moves_on_all_the_same(
    quick: Api, desk: Database
) -> None:
    async with quick.stream(q="storm", since_id="0") as stream:
        await store(desk, "a1")
        await store(desk, "a2", text="A storm.")
        assert (await stream.item())["id"] == "a2"
        await store(desk, "a3", "a4")
        while stream.last != "4":
            assert "data" not in await stream.block()


async def test_a_heartbeat_comes_while_nothing_is_stored(quick: Api) -> None:
    async with quick.stream() as stream:
        opening, heartbeat = await stream.block(), await stream.block()

    assert opening == {"retry": "2000", "": "", "id": "0"}
    assert heartbeat == {"": "", "id": "0"}


async def test_a_changed_item_comes_again(quick: Api, desk: Database) -> None:
    async with quick.stream(since_id="0") as stream:
        await store(desk, "a1")
        await stream.item()
        await desk.items.put([an_article("a1", text="Snow.", collected=NOW + timedelta(hours=1))], now=NOW)

        assert (await stream.item())["text"] == "Snow."


async def test_comments_come_too(quick: Api, desk: Database) -> None:
    async with quick.stream(kind="comment", since_id="0") as stream:
        await desk.items.put([an_article(), a_comment()], now=NOW)

        assert (await stream.item())["author"] == "Ada"


async def test_who_reads_too_slowly_is_cut_off_goes_on_by_id_and_holds_nobody_up(desk: Database) -> None:
    limits = StreamLimits(look_every=timedelta(milliseconds=5), waiting_bytes=200_000)
    names = [f"a{number:02}" for number in range(80)]
    async with serving(desk, limits=limits) as api:
        reader, writer = await asyncio.open_connection(sock=await narrow(api.url), limit=2**10)
        writer.write(b"GET /api/stream HTTP/1.0\r\nHost: localhost\r\n\r\n")
        await reader.readuntil(b"id: 0\n\n")

        async with api.stream(since_id="0") as quick_one:
            for name in names:
                await store(desk, name, text=f"{name} " + "x" * 100_000)
                assert (await quick_one.item())["id"] == name

        got = await read_to_the_end(reader)
        writer.close()
        assert 0 < len(got) < 80
        async with api.stream(last=str(got[-1])) as resumed:
            await resumed.items(80 - len(got))
    assert got == list(range(1, len(got) + 1))
    assert resumed.seen == names[len(got) :]


async def narrow(url: str) -> socket.socket:
    """A connection that takes little before it is read, whatever the machine's defaults are."""
    connection = socket.socket()
    connection.setblocking(False)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**16)
    await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", int(url.rpartition(":")[2])))
    return connection


async def read_to_the_end(reader: asyncio.StreamReader) -> list[int]:
    """The ids of the events that came whole."""
    raw = b""
    async with asyncio.timeout(PATIENCE):
        while piece := await reader.read(2**16):
            raw += piece
    return [int(block.removeprefix(b"id: ").partition(b"\n")[0]) for block in raw.split(b"\n\n")[:-1]]


async def test_with_as_many_streams_as_there_may_be_the_next_is_refused(desk: Database) -> None:
    async with serving(desk, limits=StreamLimits(readers=1)) as api, api.stream():
        answer = await api.get("/api/stream")

        assert (answer.status, answer.headers["Retry-After"]) == (503, "30")


@pytest.mark.parametrize("value", ["-1", "one", "8", "99999999999999999999", "1.5"])
@pytest.mark.parametrize("name", ["since_id", "Last-Event-ID"])
async def test_a_place_that_is_none_is_refused(name: str, value: str, api: Api) -> None:
    in_header = name == "Last-Event-ID"

    answer = await api.ask(
        "/api/stream", headers={name: value} if in_header else None, given={} if in_header else {name: value}
    )

    assert answer.status == 400
    assert value in answer.json["detail"]


async def test_head_is_answered_without_a_stream(api: Api) -> None:
    answer = await api.ask("/api/stream", method="HEAD")

    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8")


async def test_streams_end_when_the_server_does(desk: Database) -> None:
    app = server.build(healths=(), database=desk, gate=Gate(), secret="s")
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
        async with server.listening(app, host="127.0.0.1", port=0) as port:
            response = await session.get(f"http://127.0.0.1:{port}/api/stream")
            await response.content.readuntil(b"id: 0\n\n")

        assert await response.read() == b""  # ended, not cut off, which would raise
