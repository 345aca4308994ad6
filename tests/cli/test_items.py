"""`wiredesk items`."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.cli.desk import Desk
from tests.contracts.raising import raise_all, raised
from tests.contracts.samples import NOW, an_article
from tests.pipeline import paper
from tests.pipeline.running import environment, wiredesk
from wiredesk.backends import database_of
from wiredesk.cli.items import _tail
from wiredesk.config import load
from wiredesk.database import Database, open_database


def test_deleting_by_author_says_how_many_and_leaves_the_others(desk: Desk) -> None:
    desk.store()

    ended = desk("items", "delete", "--author", "ADA")

    assert (ended.status, ended.out) == (0, "2 items deleted\n")
    assert [one["id"] for one in desk.lines("items", "search")] == ["a2"]


def test_a_search_takes_an_age_as_well_as_a_time(desk: Desk) -> None:
    desk.store()

    assert len(desk.lines("items", "search", "--since", "36500d")) == 3
    assert desk.lines("items", "search", "--until", "36500d") == []
    assert desk.lines("items", "search", "--since", "2026-11-24T12:00:01Z") == []


def test_a_table_has_a_line_for_each_item_and_all_of_its_id_however_long(desk: Desk) -> None:
    desk.store([an_article("a" * 64, title="Rain " * 60, source="a-long-name-of-a-publisher.example")])

    _, row = desk("items", "search").out.splitlines()

    assert row.startswith("a" * 64)
    assert row.rstrip().endswith("…")


def test_options_are_repeatable_and_add_up(desk: Desk) -> None:
    desk.store([an_article(f"a{number}", source=f"s{number}.example") for number in range(4)])

    ended = desk("items", "delete", "--id", "a0", "--id", "a1", "--source", "s2.example")

    assert ended.out == "3 items deleted\n"
    assert [one["id"] for one in desk.lines("items", "search")] == ["a3"]


def test_of_what_is_deleted_the_webhook_goes_too(desk: Desk) -> None:
    desk.store()

    async def alert(database: Database) -> None:
        await raise_all(database, raised(item="a1"))

    desk.with_database(alert)
    assert len(desk.lines("deliveries", "list")) == 1

    desk("items", "delete", "--id", "a1")

    assert desk.lines("deliveries", "list") == []


def test_a_search_gives_as_many_as_are_wanted_each_once_and_the_newest_first(desk: Desk) -> None:
    desk.store([an_article(f"a{number:04}") for number in range(1_203)])

    for limit, expected in (("501", 501), ("1203", 1_203), ("9999", 1_203)):
        ids = [one["id"] for one in desk.lines("items", "search", "--limit", limit)]
        assert ids == [f"a{number:04}" for number in range(1_202, 1_202 - expected, -1)]


@pytest.mark.parametrize("given", [["--region", "Syria"], ["--region", "XX"], ["--language", "english"]], ids=" ".join)
def test_a_code_that_is_none_is_wrong_use(desk: Desk, given: list[str]) -> None:
    desk.store()

    assert desk("items", "search", *given).status == 2


async def test_following_from_the_start_does_not_pause_after_a_full_page(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, ids, is_through = load(environment(home)), list[object](), asyncio.Event()

    def take(item: dict[str, object]) -> None:
        ids.append(item["id"])
        if len(ids) == 250:
            is_through.set()

    monkeypatch.setattr("wiredesk.cli.items.json_line", take)
    monkeypatch.setattr("wiredesk.cli.items.TAIL_SECONDS", 3_600)
    async with database_of(config, opening="migrate") as database:
        await database.items.put([an_article(f"a{number:04}") for number in range(250)], now=NOW)

    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        following = tasks.create_task(_tail(config, from_start=True, as_json=True))
        await is_through.wait()
        following.cancel()

    assert ids == [f"a{number:04}" for number in range(250)]


@pytest.mark.parametrize("given", [[], ["--author", " "]], ids=["nothing", "an empty name"])
def test_deleting_without_saying_what_is_wrong_use(desk: Desk, given: list[str]) -> None:
    desk.store()

    ended = desk("items", "delete", *given)

    assert ended.status == 2
    assert "--id, --source or --author" in ended.err
    assert len(desk.lines("items", "search")) == 3


async def test_what_was_deleted_by_author_is_found_nowhere(home: Path) -> None:
    """The whole way, as an operator goes it: ingested, deleted, asked for."""
    env = environment(home)
    async with paper.printed() as site:
        await wiredesk("run", "--feed", f"{site.url}{paper.FEED}", "--until-idle", env=env)
    before = await wiredesk("items", "search", "masonry", "--json", env=env)
    assert "Ana Ruiz" in before.out

    deleted = await wiredesk("items", "delete", "--author", "ana ruiz", env=env)

    assert deleted.status == 0, deleted.err
    after = await wiredesk("items", "search", "--json", env=env)
    assert "Ana Ruiz" not in after.out
    assert "masonry" not in after.out


@pytest.mark.servers
def test_on_a_server_s_database_it_is_erased_as_well(desk: Desk, postgres_url: str, prefix: str) -> None:
    settings = {"WIREDESK_DATABASE_URL": postgres_url, "WIREDESK_PREFIX": prefix}

    async def fill() -> None:
        async with open_database(postgres_url, schema=prefix) as database:
            await database.items.put([an_article(authors=["Ada"]), an_article("a2")], now=NOW)
            await raise_all(database, raised(item="a1"))

    asyncio.run(fill())

    ended = desk("items", "delete", "--author", "Ada", **settings)

    assert (ended.status, ended.out) == (0, "1 item deleted\n")
    assert '"a2"' in desk("items", "search", "--json", **settings).out
    assert desk("items", "show", "a1", **settings).status == 1
    assert desk("deliveries", "list", **settings).err == "no deliveries\n"
