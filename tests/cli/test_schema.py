"""Who may change the schema: `run` and `database apply`; every other command says what it lacks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.cli.desk import Desk
from tests.contracts.older import made_by
from wiredesk.database import _backend
from wiredesk.database.tables import VERSION
from wiredesk.database.transactions import Transactions

READING = {
    "feeds list": ["feeds", "list"],
    "feeds status": ["feeds", "status"],
    "feeds remove": ["feeds", "remove", "https://herald.example/rss"],
    "items search": ["items", "search"],
    "items delete": ["items", "delete", "--id", "a1"],
    "deliveries list": ["deliveries", "list"],
    "doctor": ["doctor"],
}
ADDING = ["feeds", "add", "https://herald.example/rss"]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.servers)])
def settings(request: pytest.FixtureRequest, home: Path, prefix: str) -> dict[str, str]:
    """Those that name a database that nobody has opened yet."""
    embedded = request.param == "sqlite"
    return settings_of(
        f"sqlite:///{home / 'database.sqlite'}" if embedded else request.getfixturevalue("postgres_url"), prefix
    )


def settings_of(url: str, prefix: str) -> dict[str, str]:
    return {"WIREDESK_DATABASE_URL": url, "WIREDESK_PREFIX": prefix, "WIREDESK_CONTACT": "desk@example.org"}


@pytest.fixture
def desk(home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Desk:
    return Desk(home=home, monkeypatch=monkeypatch, capfd=capfd)


def is_embedded(settings: dict[str, str]) -> bool:
    return settings["WIREDESK_DATABASE_URL"].startswith("sqlite:")


def make_older(settings: dict[str, str]) -> None:
    """Make the database one of schema 0003."""

    async def nothing(connection: AsyncConnection) -> None:
        pass

    asyncio.run(made_by("0003", settings["WIREDESK_DATABASE_URL"], settings["WIREDESK_PREFIX"], nothing))


def tables_and_version(settings: dict[str, str]) -> tuple[Sequence[str], str | None]:
    """What is in the schema."""

    async def read(connection: AsyncConnection) -> tuple[Sequence[str], str | None]:
        names = await connection.run_sync(lambda connection: inspect(connection).get_table_names())
        if "schema_version" not in names:
            return names, None
        return names, (await connection.execute(text("SELECT version_num FROM schema_version"))).scalar()

    async def look() -> tuple[Sequence[str], str | None]:
        schema = settings["WIREDESK_PREFIX"]
        backend = _backend(settings["WIREDESK_DATABASE_URL"], schema=schema, application="test", connections=1)
        try:
            return await Transactions(backend).read(read)
        finally:
            await backend.close()

    return asyncio.run(look())


@pytest.mark.servers
@pytest.mark.parametrize("command", READING.values(), ids=READING)
def test_on_an_empty_server_a_command_makes_no_table_and_says_what_does(
    command: list[str], desk: Desk, postgres_url: str, prefix: str
) -> None:
    settings = settings_of(postgres_url, prefix)

    ended = desk(*command, **settings)

    assert tables_and_version(settings) == ([], None)
    assert (ended.status, "run `wiredesk database apply`" in ended.out + ended.err) == (1, True)


@pytest.mark.parametrize("command", READING.values(), ids=READING)
def test_in_a_home_without_a_database_a_command_finds_nothing_and_leaves_no_file(
    command: list[str], desk: Desk
) -> None:
    ended = desk(*command)

    assert not (desk.home / "database.sqlite").exists()
    assert ended.status == (1 if "remove" in command else 0)


@pytest.mark.parametrize("command", [*READING.values(), ADDING], ids=[*READING, "feeds add"])
def test_an_older_schema_stays_as_it_is_and_the_command_names_both_versions(
    command: list[str], desk: Desk, settings: dict[str, str]
) -> None:
    make_older(settings)

    ended = desk(*command, **settings)

    assert tables_and_version(settings)[1] == "0003"
    assert ended.status == 1
    words = " ".join((ended.out + ended.err).split())
    assert f"schema version 0003, older than {VERSION}" in words
    assert "run `wiredesk database apply`" in words


def test_after_database_apply_every_command_works(desk: Desk, settings: dict[str, str]) -> None:
    make_older(settings)

    assert desk("database", "apply", **settings).status == 0

    assert tables_and_version(settings)[1] == VERSION
    assert desk(*ADDING, **settings).out == "added https://herald.example/rss\n"
    assert "https://herald.example/rss" in desk("feeds", "list", **settings).out


def test_feeds_may_be_added_before_the_first_run_where_no_server_is_to_be_prepared(
    desk: Desk, settings: dict[str, str]
) -> None:
    ended = desk(*ADDING, **settings)

    if is_embedded(settings):
        assert (ended.status, ended.out) == (0, "added https://herald.example/rss\n")
    else:
        assert (ended.status, tables_and_version(settings)) == (1, ([], None))


def test_a_plan_makes_nothing(desk: Desk, settings: dict[str, str]) -> None:
    assert desk("database", "plan", **settings).status == 0

    if is_embedded(settings):
        assert not (desk.home / "database.sqlite").exists()
    assert tables_and_version(settings) == ([], None)
