"""A start whose servers are away, or busy with a migration: it listens, says what it waits for, and goes on by itself."""

from __future__ import annotations

import asyncio
import json
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from sqlite3 import connect
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.contracts.samples import NOW, an_article
from tests.pipeline.running import PATIENCE, environment, start, wiredesk
from tests.servers import free_port
from wiredesk.backends import database_of
from wiredesk.config import load

ASKED_EVERY = 0.1


class Starting:
    """A role that has just been started."""

    def __init__(self, process: Process, session: aiohttp.ClientSession, log: Path) -> None:
        self.process, self.session, self._log = process, session, log

    async def get(self, path: str) -> tuple[int, str]:
        """Status and body; waits until somebody listens."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    async with self.session.get(path) as answer:
                        return answer.status, await answer.text()
                except aiohttp.ClientConnectionError:
                    assert self.process.returncode is None, self.log
                    await asyncio.sleep(ASKED_EVERY)

    async def until_ready(self) -> None:
        """Return once `/readyz` is green."""
        async with asyncio.timeout(PATIENCE):
            while (await self.get("/readyz"))[0] != 200:  # noqa: ASYNC110 - it is another process
                await asyncio.sleep(ASKED_EVERY)

    async def until_waiting(self, for_: str) -> dict[str, Any]:
        """What `/readyz` says is down, once it names that."""
        async with asyncio.timeout(PATIENCE):
            while True:
                status, body = await self.get("/readyz")
                if status == 503 and for_ in body:
                    return dict(json.loads(body)["down"])
                await asyncio.sleep(ASKED_EVERY)

    @property
    def log(self) -> str:
        """What it has said so far."""
        return self._log.read_text("utf-8")

    async def ended(self) -> float:
        """SIGTERM; the seconds until it had ended, with status 0."""
        began = time.monotonic()
        self.process.terminate()
        async with asyncio.timeout(PATIENCE):
            assert await self.process.wait() == 0, self.log
        return time.monotonic() - began


@asynccontextmanager
async def starting(env: Mapping[str, str], folder: Path, role: str) -> AsyncIterator[Starting]:
    """That role as a process, not waited for; killed at the end where it still runs."""
    listen = f"127.0.0.1:{free_port()}"
    process = await start({**env, "WIREDESK_LISTEN": listen}, folder, role)
    try:
        async with aiohttp.ClientSession(f"http://{listen}", timeout=aiohttp.ClientTimeout(total=2)) as session:
            yield Starting(process, session, folder / f"{role}-0.log")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_start_listens_and_names_the_server_that_is_away(home: Path, tmp_path: Path) -> None:
    away = f"postgresql://postgres@127.0.0.1:{free_port()}/postgres"

    async with starting(environment(home, WIREDESK_DATABASE_URL=away), tmp_path, "web") as role:
        assert await role.get("/livez") == (200, "ok\n")
        down = await role.until_waiting("database")
        assert down["web"]["database"].startswith("starting: ")
        assert "refused" in (await role.until_waiting("refused"))["web"]["database"]
        status, body = await role.get("/api/items")
        assert (status, "starting: database" in body) == (503, True)
        assert "wiredesk_dependency_up" in (await role.get("/metrics"))[1]
        assert await role.ended() < 2
        assert role.log.count('"start.waiting"') == 1


async def test_a_start_waits_for_a_schema_that_somebody_migrates_and_is_ready_then(
    home: Path, tmp_path: Path, postgres_url: str, prefix: str
) -> None:
    env = environment(home, WIREDESK_DATABASE_URL=postgres_url, WIREDESK_PREFIX=prefix)
    assert (await wiredesk("database", "apply", env=env)).status == 0
    migrating = await asyncpg.connect(postgres_url)
    try:
        transaction = migrating.transaction()
        await transaction.start()
        await migrating.execute(f'LOCK TABLE "{prefix}".schema_version IN ACCESS EXCLUSIVE MODE')

        async with starting(env, tmp_path, "web") as role:
            assert (await role.get("/livez"))[0] == 200
            await role.until_waiting("database")
            assert '"app.started"' not in role.log
            await transaction.rollback()
            await role.until_ready()
            assert (await role.get("/api/items"))[0] == 200
            assert await role.ended() < 10
    finally:
        await migrating.close()


async def test_sigterm_ends_a_start_that_waits_for_a_migration(
    home: Path, tmp_path: Path, postgres_url: str, prefix: str
) -> None:
    env = environment(home, WIREDESK_DATABASE_URL=postgres_url, WIREDESK_PREFIX=prefix)
    assert (await wiredesk("database", "apply", env=env)).status == 0
    migrating = await asyncpg.connect(postgres_url)
    try:
        async with migrating.transaction():
            await migrating.execute(f'LOCK TABLE "{prefix}".schema_version IN ACCESS EXCLUSIVE MODE')
            async with starting(env, tmp_path, "store") as role:
                await role.until_waiting("database")
                assert await role.ended() < 2
    finally:
        await migrating.close()


@pytest.mark.parametrize(("file", "waiting_for"), [("bus", "topics"), ("database", "database")])
async def test_a_start_that_is_ended_closes_what_it_had_opened(
    home: Path, tmp_path: Path, file: str, waiting_for: str
) -> None:
    """A file that another process holds: what was open is closed in order, and nothing complains."""
    env = environment(home)
    assert (await wiredesk("run", "--until-idle", env=env)).status == 0
    holder = connect(home / f"{file}.sqlite", isolation_level=None)
    try:
        holder.execute("BEGIN IMMEDIATE")
        async with starting(env, tmp_path, "store") as role:
            await role.until_waiting(waiting_for)
            await role.ended()
            assert '"level": "error"' not in role.log
    finally:
        holder.close()


async def test_a_stream_of_a_server_that_listened_first_is_woken_by_what_another_process_stores(
    home: Path, tmp_path: Path
) -> None:
    """The server starts before the database is open and tells of changes; a stream that missed that looks every 5 s."""
    env = environment(home)
    async with starting(env, tmp_path, "web") as role:
        await role.until_ready()
        async with (
            role.session.get("/api/stream", timeout=aiohttp.ClientTimeout(total=60)) as stream,
            database_of(load(env)) as database,
        ):
            await stream.content.readuntil(b"\n\n")
            began = time.monotonic()
            await database.items.put([an_article("a1")], now=NOW)
            while b'"a1"' not in await stream.content.readuntil(b"\n\n"):
                pass
            assert time.monotonic() - began < 3
        await role.ended()
