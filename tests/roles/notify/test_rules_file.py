"""The rules file, while the role runs."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from tests.roles.notify.samples import SECRET, endpoint, rule
from wiredesk.database import Database, open_database
from wiredesk.database.alerts import StoredEndpoint
from wiredesk.errors import Misconfigured
from wiredesk.observe import Health
from wiredesk.redaction import receiver
from wiredesk.roles.notify.rules_file import RulesFile
from wiredesk.roles.notify.signing import keys_of
from wiredesk.stop import Stop

ENVIRON = {"OPS_SECRET": SECRET, "DESK_SECRET": SECRET}


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    (tmp_path / "home").mkdir()
    async with open_database(f"sqlite:///{tmp_path / 'home' / 'database.sqlite'}", schema="t") as opened:
        yield opened


def rules_file(path: Path | None, database: Database) -> RulesFile:
    return RulesFile(path, database, health=Health("notify"), environ=ENVIRON)


def names(file: RulesFile) -> list[str]:
    return sorted(file.in_force().rules.rules)


class Watched(RulesFile):
    """Says after each reading which rules are in force, or that the file was refused."""

    def __init__(self, path: Path, database: Database) -> None:
        super().__init__(path, database, health=Health("notify"), environ=ENVIRON)
        self._read_as: asyncio.Queue[str] = asyncio.Queue()

    async def load(self) -> None:
        try:
            await super().load()
        except Misconfigured:
            self._read_as.put_nowait("refused")
            raise
        self._read_as.put_nowait(" ".join(names(self)))

    async def until(self, read_as: str) -> None:
        while await self._read_as.get() != read_as:
            pass


async def test_a_change_takes_effect_and_a_bad_file_is_refused(tmp_path: Path, database: Database) -> None:
    path, stop = tmp_path / "rules.toml", Stop()
    path.write_text(endpoint() + rule())
    file = Watched(path, database)
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(file.run(stop))
        await file.until("rain")

        path.write_text(endpoint() + rule("snow"))
        await file.until("snow")
        path.write_text("[[rule]]\nname = 7")
        await file.until("refused")
        assert names(file) == ["snow"]
        # Replaced, not written: as editors and Kubernetes do.
        (tmp_path / "new").write_text(endpoint() + rule("hail") + rule("rain"))
        (tmp_path / "new").replace(path)
        await file.until("hail rain")

        stop.ask()


async def test_a_change_that_is_refused_shows_until_it_is_mended_or_taken_back(
    tmp_path: Path, database: Database
) -> None:
    path, stop = tmp_path / "rules.toml", Stop()
    path.write_text(endpoint() + rule())
    file = Watched(path, database)
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(file.run(stop))
        await file.until("rain")

        path.write_text("[[rule]]")
        await file.until("refused")
        path.write_text(endpoint() + rule())
        await file.until("rain")
        labels = {"role": "notify", "dependency": "rules"}
        assert REGISTRY.get_sample_value("wiredesk_dependency_up", labels) == 1

        stop.ask()


async def test_a_bad_file_at_the_beginning_is_an_error(tmp_path: Path, database: Database) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(endpoint() + rule(query="("))

    with pytest.raises(Misconfigured, match="line 7"):
        await rules_file(path, database).run(Stop())


async def test_a_missing_secret_is_an_error_that_names_the_endpoint(tmp_path: Path, database: Database) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(endpoint("night"))

    with pytest.raises(Misconfigured, match="endpoint night: the environment variable NIGHT_SECRET is not set"):
        await rules_file(path, database).load()


async def test_of_a_secret_the_database_keeps_the_reference(tmp_path: Path, database: Database) -> None:
    path = tmp_path / "rules.toml"
    (tmp_path / "desk.key").write_text(f"{SECRET}\n")
    inline = f'[[endpoint]]\nname = "inline"\nurl = "https://c.example/"\nsecret = "{SECRET}"\n'
    desk = '[[endpoint]]\nname = "desk"\nurl = "https://b.example/"\nsecret_file = "desk.key"\n'
    path.write_text(desk + inline + endpoint())
    file = rules_file(path, database)

    await file.load()

    assert await database.alerts.endpoints() == [
        StoredEndpoint(name="desk", url="https://b.example/", secret="file:desk.key"),
        StoredEndpoint(name="inline", url="https://c.example/", secret="rules file"),
        StoredEndpoint(name="ops", url=receiver("https://ops.example/hook"), secret="env:OPS_SECRET"),
    ]
    assert file.in_force().keys == dict.fromkeys(["desk", "inline", "ops"], keys_of(SECRET))
    assert SECRET not in repr(file.in_force())


async def test_a_file_caught_while_it_is_written_drops_no_rule(tmp_path: Path, database: Database) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(endpoint() + rule())
    file = rules_file(path, database)
    await file.load()

    path.write_text("")
    with pytest.raises(Misconfigured, match="empty"):
        await file.load()

    assert names(file) == ["rain"]


async def test_without_a_file_there_are_no_rules(database: Database) -> None:
    file = rules_file(None, database)

    await file.run(Stop())

    assert names(file) == []
