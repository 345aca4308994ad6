"""`notify` killed while webhooks are in the air: none is lost, and no id has two bodies."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import Process
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from tests.contracts.samples import NOW, an_article
from tests.pipeline.running import COMMAND, environment, wiredesk
from tests.pipeline.test_poison import publish
from tests.roles.notify.samples import SECRET, endpoint, rule
from tests.web import Page, Site
from wiredesk.bus.records import to_record
from wiredesk.config import load

ENDPOINTS = ("desk", "ops")
PATIENCE = 60.0
LIVES = (("silent", 2), ("answers", 8), ("silent", 3))
MANY_LIVES = LIVES + tuple(("answers", more) for more in (1, 20, 47, 80, 81, 100)) + LIVES
"""What the receivers do in each life, and after how many more requests it ends."""


@pytest.fixture(params=["embedded", pytest.param("production", marks=pytest.mark.servers)])
def settings(request: pytest.FixtureRequest) -> dict[str, str]:
    return dict(request.getfixturevalue("servers")) if request.param == "production" else {}


@pytest.mark.parametrize(
    ("articles", "lives"), [(30, LIVES), pytest.param(500, MANY_LIVES, marks=pytest.mark.faults)], ids=["few", "many"]
)
async def test_every_webhook_arrives_and_none_has_two_bodies_though_notify_is_killed_between_try_and_note(
    home: Path, tmp_path: Path, settings: Mapping[str, str], articles: int, lives: Sequence[tuple[str, int]]
) -> None:
    async with Site() as site:
        env = environment(home, **settings, **_rules(site, tmp_path))
        for command in ("topics", "database"):
            assert (await wiredesk(command, "apply", env=env)).status == 0
        await _publish_articles(env, articles)
        for manner, more in lives:
            _receivers(site, manner)
            async with _notify(env) as process:
                await _asked(site, len(site.requests) + more)
                process.kill()
        _receivers(site, "answers")
        async with _notify(env):
            await _delivered(env, articles * len(ENDPOINTS))

    bodies: dict[str, set[bytes]] = defaultdict(set)
    for asked in site.requests:
        Webhook(SECRET).verify(asked.body, dict(asked.headers))
        bodies[asked.headers["webhook-id"]].add(asked.body)
    assert len(bodies) == articles * len(ENDPOINTS)
    assert {len(each) for each in bodies.values()} == {1}
    assert len(site.requests) > len(bodies), "no webhook was tried twice: nothing was killed between try and note"


def _rules(site: Site, folder: Path) -> dict[str, str]:
    rules = folder / "rules.toml"
    tables = [endpoint(name, f"{site.url}/{name}") for name in ENDPOINTS]
    rules.write_text("".join(tables) + rule(endpoints=json.dumps(ENDPOINTS)), "utf-8")
    return {"WIREDESK_RULES_FILE": str(rules), **{f"{name.upper()}_SECRET": SECRET for name in ENDPOINTS}}


def _receivers(site: Site, manner: str) -> None:
    for name in ENDPOINTS:
        site.serve(f"/{name}", Page(hangs_before=manner == "silent"))


async def _publish_articles(env: Mapping[str, str], number: int) -> None:
    prefix = load(env).prefix
    found = [an_article(f"a{at}", text=f"Rain fell on town {at}.", story=f"s{at}") for at in range(number)]
    await publish(
        env,
        [to_record(one, prefix=prefix, role="geotag", now=NOW, traceparent="") for one in found],
    )


@asynccontextmanager
async def _notify(env: Mapping[str, str]) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(*COMMAND, "run", "notify", env={**env, "WIREDESK_LEASE": "2s"})
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _asked(site: Site, number: int) -> None:
    async with asyncio.timeout(PATIENCE), site.came:
        await site.came.wait_for(lambda: len(site.requests) >= number)


async def _delivered(env: Mapping[str, str], number: int) -> None:
    """Return once so many are noted as delivered."""
    async with asyncio.timeout(PATIENCE):
        while True:
            ended = await wiredesk(
                "deliveries", "list", "--json", "--status", "delivered", "--limit", "100000", env=env
            )
            assert ended.status == 0, ended.err
            if len(ended.out.splitlines()) == number:
                return
