"""Redis loses everything while the wire runs: work is done again, but nobody is told twice and nothing is stored twice."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from redis.asyncio import Redis

from tests.pipeline.items import following, stored
from tests.pipeline.running import environment, roles_apart, wiredesk
from tests.pipeline.test_poison import publish
from tests.roles.notify.samples import SECRET, endpoint, rule
from tests.servers.valkey import Valkey
from tests.state.documents import AT, article, story, variants
from tests.web import Page, Site
from wiredesk.bus.records import to_record
from wiredesk.config import load
from wiredesk.events import CollectedArticle

pytestmark = pytest.mark.servers

ROLES = ("dedupe", "geotag", "store", "notify")
STORIES = 20
PATIENCE = 60.0


@pytest.fixture
def own() -> Iterator[Valkey]:
    with Valkey() as server:
        yield server


@pytest.mark.parametrize("again", ["copies first", pytest.param("in the same order", marks=pytest.mark.faults)])
async def test_after_a_flush_what_is_delivered_again_is_neither_told_nor_stored_twice(
    home: Path, tmp_path: Path, servers: Mapping[str, str], own: Valkey, again: str
) -> None:
    originals, copies = _printed(range(STORIES))
    later, later_copies = _printed(range(STORIES, 2 * STORIES))
    repeated = copies + originals if again == "copies first" else originals + copies
    async with Site() as site, Redis.from_url(own.url) as redis:
        one_partition = {
            "WIREDESK_STATE_URL": own.url,
            "WIREDESK_KAFKA_PARTITIONS": "1",
        }  # in order, so that last is last
        env = environment(home, **{**servers, **one_partition}, **_rules(site, tmp_path))
        for command in ("topics", "database"):
            assert (await wiredesk(command, "apply", env=env)).status == 0
        async with roles_apart(env, tmp_path, ROLES), following(env) as tail:
            await _publish(env, originals + copies)
            await _all_read(env)
            await redis.flushall()
            await _publish(env, repeated + later + later_copies)
            await tail.until({one.id for one in originals + later})
            await _told(site, 2 * STORIES)
            await _all_read(env)

        assert {str(one["id"]) for one in await stored(env)} == {one.id for one in originals + later}
        ended = await wiredesk("deliveries", "list", "--json", "--limit", "1000", env=env)
        told = [json.loads(line) for line in ended.out.splitlines()]
        assert sorted(str(one["item"]) for one in told) == sorted(one.id for one in originals + later)


def _printed(numbers: range) -> tuple[list[CollectedArticle], list[CollectedArticle]]:
    """Stories as two desks print them."""
    texts = {number: variants(story(random.Random(number))) for number in numbers}
    first, second = (
        [
            article(f"{number}-{desk}", texts[number][desk], title=f"Story {number}", source=f"d{desk}.example")
            for number in numbers
        ]
        for desk in (0, 1)
    )
    return first, second


def _rules(site: Site, folder: Path) -> dict[str, str]:
    site.serve("/ops", Page())
    rules = folder / "rules.toml"
    rules.write_text(endpoint(url=f"{site.url}/ops") + rule(query="story"), "utf-8")
    return {"WIREDESK_RULES_FILE": str(rules), "OPS_SECRET": SECRET}


async def _publish(env: Mapping[str, str], items: Sequence[CollectedArticle]) -> None:
    prefix = load(env).prefix
    await publish(env, [to_record(one, prefix=prefix, role="pages", now=AT, traceparent="") for one in items])


async def _all_read(env: Mapping[str, str]) -> None:
    """Return once every role has read all there is, copies as well."""
    async with asyncio.timeout(PATIENCE):
        while True:
            ended = await wiredesk("lag", "--json", env=env)
            rows = [json.loads(line) for line in ended.out.splitlines()]
            if not any(row["records"] for row in rows if row["role"] in ROLES):
                return


async def _told(site: Site, number: int) -> None:
    """Return once so many webhooks came."""
    async with asyncio.timeout(PATIENCE), site.came:
        await site.came.wait_for(lambda: len(site.requests) >= number)
