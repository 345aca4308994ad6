"""Poison on every topic that a role reads: to the dead letters, and the wire goes on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.pipeline import paper
from tests.pipeline.items import stored
from tests.pipeline.running import environment, wiredesk
from wiredesk.backends import bus_of
from wiredesk.bus import Record
from wiredesk.config import load

TOPICS = ("entries", "collected", "unique", "articles", "comments", "duplicates", "stories")
POISONS = {
    "no json": b'{"id": "broken',
    "another schema": b'{"colour": "red"}',
    "five megabytes": b'{"id": "' + b"a" * 800_000 + b'"}',
    "nul": b'{"id": "a\\u0000b"}',
}
TYPES = {
    "entries": "wiredesk.entry",
    "collected": "wiredesk.article.collected",
    "unique": "wiredesk.article.unique",
    "articles": "wiredesk.article",
    "comments": "wiredesk.comment",
    "duplicates": "wiredesk.article.duplicate",
    "stories": "wiredesk.story.changed",
}


async def publish(env: Mapping[str, str], records: Sequence[Record]) -> None:
    async with bus_of(load(env), client="test") as bus:
        await bus.publish(records)


async def letters(env: Mapping[str, str]) -> list[dict[str, str]]:
    ended = await wiredesk("dead", "list", "--json", env=env)
    assert ended.status == 0, ended.err
    return [json.loads(line) for line in ended.out.splitlines()]


def poison(topic: str, value: bytes) -> Record:
    headers = (("ce_type", TYPES[topic].encode()), ("ce_id", b"poison"), ("from", b"a test"))
    return Record(topic=f"wiredesk.{topic}", key=b"poison", value=value, headers=headers)


async def test_poison_on_every_topic_dies_with_its_headers_and_everything_else_is_stored(home: Path) -> None:
    env = environment(home)
    assert (await wiredesk("run", "--until-idle", env=env)).status == 0
    await publish(env, [poison(topic, value) for topic in TOPICS for value in POISONS.values()])
    async with paper.printed() as site:
        ended = await wiredesk("run", "--feed", f"{site.url}{paper.FEED}", "--until-idle", env=env)
    assert ended.status == 0, ended.err
    assert "Traceback" not in ended.err
    assert len(await stored(env)) == 9
    found = await letters(env)
    # `articles`, `comments` and `stories` are read by two roles: each buries what it cannot read.
    readers = {"articles": {"store", "notify"}, "comments": {"store", "notify"}, "stories": {"notify"}}
    for topic in TOPICS:
        dead = [letter for letter in found if letter["topic"] == f"wiredesk.{topic}"]
        roles = readers.get(topic, {letter["role"] for letter in dead})
        assert {letter["role"] for letter in dead} == roles
        assert len(dead) == len(POISONS) * len(roles)
    shown = await wiredesk("dead", "show", found[0]["id"], "--json", env=env)
    headers = json.loads(shown.out)["headers"]
    assert headers["from"] == "a test"
    assert {
        "dead_topic",
        "dead_partition",
        "dead_offset",
        "dead_role",
        "dead_reason",
        "dead_error",
        "dead_time",
    } <= set(headers)


@pytest.mark.parametrize("topic", ["collected", "articles"])
async def test_one_poison_alone_on_a_quiet_topic_ends_the_run_in_peace(home: Path, topic: str) -> None:
    env = environment(home)
    assert (await wiredesk("run", "--until-idle", env=env)).status == 0
    await publish(env, [poison(topic, POISONS["no json"])])
    for _ in range(2):
        ended = await wiredesk("run", "--until-idle", env=env)
        assert ended.status == 0, ended.err
    assert {letter["reason"] for letter in await letters(env)} == {"malformed"}


async def test_a_mended_letter_is_replayed_stored_and_leaves_the_list(home: Path, tmp_path: Path) -> None:
    env = environment(home)
    async with paper.printed() as site:
        ended = await wiredesk("run", "--feed", f"{site.url}{paper.FEED}", "--until-idle", env=env)
    assert ended.status == 0, ended.err
    (bridge,) = await stored(env, "bridge", "arches", "--kind", "article")
    event = {name: value for name, value in bridge.items() if name not in ("kind", "stored_at", "sources", "comments")}
    mended = tmp_path / "mended.json"
    mended.write_text(json.dumps(event | {"id": "f" * 32, "capture": "e" * 32, "title": "Mended"}), "utf-8")
    await publish(env, [poison("articles", mended.read_bytes()[:-40])])
    assert (await wiredesk("run", "--until-idle", env=env)).status == 0
    of_store = [letter for letter in await letters(env) if letter["role"] == "store"]
    replayed = await wiredesk("dead", "replay", of_store[0]["id"], "--value", str(mended), env=env)
    assert replayed.status == 0, replayed.err
    assert (await wiredesk("run", "--until-idle", env=env)).status == 0
    assert len(await stored(env)) == 10
    assert of_store[0]["id"] not in {letter["id"] for letter in await letters(env)}
