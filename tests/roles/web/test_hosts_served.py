"""Under which names the console is read."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from tests.roles.web.api import PATIENCE, Api, serving
from wiredesk.database import Database
from wiredesk.roles.web.refusals import LINES
from wiredesk.roles.web.server import Gate

Logged = list[MutableMapping[str, Any]]

PUBLIC = "https://news.example.org/desk"


async def asked(api: Api, *hosts: bytes, path: bytes = b"/api/items", version: bytes = b"1.1") -> bytes:
    """The status line of a request with these headers `Host`, byte for byte."""
    lines = [b"GET %b HTTP/%b" % (path, version), *(b"Host: " + host for host in hosts), b"Connection: close", b"", b""]
    return await raw(api, b"\r\n".join(lines))


async def raw(api: Api, request: bytes) -> bytes:
    """The first line of the answer to these bytes."""
    async with asyncio.timeout(PATIENCE):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(api.url.rpartition(":")[2]))
        writer.write(request)
        line = await reader.readline()
        writer.close()
        await writer.wait_closed()
        return line.strip()


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.9.9.9:1", "[::1]:8080", "news.example.org"]
)
async def test_without_a_token_the_names_of_this_machine_and_the_public_one_are_served(
    host: str, desk: Database
) -> None:
    async with serving(desk, gate=Gate(public_url=PUBLIC)) as api:
        assert await asked(api, host.encode()) == b"HTTP/1.1 200 OK"


@pytest.mark.parametrize("path", [b"/api/items", b"/", b"/metrics", b"/readyz"])
@pytest.mark.parametrize(
    "host", [b"other.example", b"192.0.2.1:8080", b"localhost.other.example", b"news.example.org.other"]
)
async def test_a_name_that_is_not_ours_reads_nothing_without_a_token(host: bytes, path: bytes, desk: Database) -> None:
    async with serving(desk, gate=Gate(public_url=PUBLIC)) as api:
        assert await asked(api, host, path=path) == b"HTTP/1.1 421 Misdirected Request"


async def test_the_refusal_is_a_problem_that_names_the_setting(desk: Database) -> None:
    async with serving(desk) as api:
        answer = await api.ask("/api/items", headers={"Host": "other.example"})

    assert (answer.status, answer.headers["Content-Type"]) == (421, "application/problem+json")
    assert "WIREDESK_PUBLIC_URL" in answer.json["detail"]


async def test_whoever_asks_is_told_that_the_process_lives(desk: Database) -> None:
    async with serving(desk) as api:
        assert await asked(api, b"10.1.2.3:8080", path=b"/livez") == b"HTTP/1.1 200 OK"


@pytest.mark.parametrize(
    "hosts",
    [[], [b""], [b" "], [b"a b"], [b"a/b"], [b"[::1"], [b"a:b"], [b"a@b"], [b"\xff"], [b"localhost", b"other"]],
    ids=repr,
)
@pytest.mark.parametrize("path", [b"/api/items", b"/rules/dams.atom"])
@pytest.mark.parametrize("token", ["", "c2VjcmV0"], ids=["open", "closed"])
async def test_a_malformed_host_is_a_bad_request(
    token: str, path: bytes, hosts: list[bytes], desk: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(desk, gate=Gate(token=token)) as api:
        assert (await asked(api, *hosts, path=path)).endswith(b" 400 Bad Request")

    assert not [record for record in caplog.records if record.name == "aiohttp.server"]


async def test_an_old_client_may_leave_the_host_out(desk: Database) -> None:
    async with serving(desk) as api:
        assert (await asked(api, version=b"1.0")).endswith(b" 200 OK")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01\x02\x00\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nno header\r\n\r\n",
    ],
    ids=["TLS", "no path", "version", "header"],
)
async def test_what_is_no_request_leaves_a_few_short_lines_in_the_log_or_none(
    request_bytes: bytes, desk: Database, logged: Logged, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(desk) as api:
        for _ in range(30):
            assert b" 400 " in await raw(api, request_bytes)

    assert len(logged) <= LINES
    assert {line["event"] for line in logged} <= {"web.refused"}
    assert not [record for record in caplog.records if record.name == "aiohttp.server"]
