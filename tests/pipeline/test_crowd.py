"""`web` as a process among clients that mean no good: it lives, is told to live, and keeps to its container."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import aiohttp
import pytest

from tests.faults.replicas import replicas
from tests.pipeline.crowd import CONTAINER_BYTES, Crowd, asked, gathered, peak_bytes, store_large
from tests.pipeline.running import environment

SOME = Crowd(half_open=100, slow=50, readers=10, items=8)
ALL = Crowd(half_open=2_000, slow=300, readers=50, items=120)

LOOKS = 20
PATIENCE = 5.0
"""Of a probe: what kubelets have is a second or more."""


@pytest.fixture
def database(request: pytest.FixtureRequest, home: Path) -> str:
    """Where the items are stored: its container's limit is that of a process on PostgreSQL."""
    if request.param == "embedded":
        return f"sqlite:///{home / 'database.sqlite'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


ONE_PEER, PROXY = "192.0.2.0/24", "127.0.0.0/8"


@pytest.mark.parametrize(
    ("database", "trusted", "crowd"),
    [
        pytest.param("embedded", ONE_PEER, SOME, id="embedded, one peer"),
        pytest.param("PostgreSQL", PROXY, SOME, id="PostgreSQL, a proxy", marks=pytest.mark.servers),
        pytest.param("PostgreSQL", ONE_PEER, ALL, id="many, one peer", marks=[pytest.mark.servers, pytest.mark.faults]),
        pytest.param("PostgreSQL", PROXY, ALL, id="many, a proxy", marks=[pytest.mark.servers, pytest.mark.faults]),
    ],
    indirect=["database"],
)
async def test_web_is_alive_within_its_memory_whoever_comes(
    crowd: Crowd, trusted: str, database: str, home: Path, tmp_path: Path, prefix: str
) -> None:
    await store_large(database, crowd.items, schema=prefix)
    with socket.create_server(("127.0.0.1", 0)) as free:
        health = f"127.0.0.1:{free.getsockname()[1]}"
    settings = {
        "WIREDESK_HEALTH_LISTEN": health,
        "WIREDESK_DATABASE_URL": database,
        "WIREDESK_PREFIX": prefix,
        "WIREDESK_TRUSTED_PROXIES": trusted,
    }
    async with (
        replicas(environment(home, **settings), tmp_path, ["web-0"]) as desk,
        aiohttp.ClientSession() as session,
    ):
        address, pid = desk.address("web-0"), desk.running["web-0"].pid
        with gathered(address, crowd):
            probes = [await asked(session, address, "/livez", patience=PATIENCE) for _ in range(LOOKS)]
            async with asyncio.timeout(60):  # as soon as those who do not read are cut
                while await asked(session, address, "/api/items?limit=1", patience=30) != 200:
                    pass
            probes += [await asked(session, place, "/readyz", patience=PATIENCE) for place in (address, health)]
            elsewhere = await asked(session, health, "/api/items", patience=PATIENCE)

        assert (set(probes), elsewhere) == ({200}, 404)
        assert peak_bytes(pid) <= CONTAINER_BYTES
