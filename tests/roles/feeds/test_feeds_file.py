"""The feeds file, while the role runs."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wiredesk.database import Database, open_database
from wiredesk.errors import Misconfigured
from wiredesk.observe import Health
from wiredesk.roles.feeds.feeds_file import FeedsFile
from wiredesk.roles.feeds.subscriptions import from_flags, subscriptions
from wiredesk.stop import Stop

NOW = datetime(2026, 1, 6, 12, tzinfo=UTC)
ONE = '[[feed]]\nurl = "https://a.example/"\n'
TWO = ONE + '[[feed]]\nurl = "https://b.example/"\npriority = 3\n'


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    (tmp_path / "home").mkdir()
    async with open_database(f"sqlite:///{tmp_path / 'home' / 'database.sqlite'}", schema="t") as opened:
        yield opened


def feeds_file(
    path: Path, database: Database, applied: asyncio.Event, environ: Mapping[str, str] | None = None
) -> FeedsFile:
    return FeedsFile(path, database, health=Health("feeds"), now=lambda: NOW, nudge=applied.set, environ=environ or {})


async def polled(database: Database) -> list[str]:
    return [feed.url for feed in await database.feeds.list()]


async def test_a_change_takes_effect_and_a_bad_file_is_refused(tmp_path: Path, database: Database) -> None:
    path, applied, stop = tmp_path / "feeds.toml", asyncio.Event(), Stop()
    path.write_text(ONE)
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(feeds_file(path, database, applied).run(stop))
        await applied.wait()
        assert await polled(database) == ["https://a.example/"]

        path.write_text("[[feed]]\nurl = 7")
        applied.clear()
        # Replaced, not written: as editors and Kubernetes do.
        (tmp_path / "new").write_text(TWO)
        (tmp_path / "new").replace(path)
        await applied.wait()

        assert await polled(database) == ["https://a.example/", "https://b.example/"]
        stop.ask()


async def test_a_bad_file_applies_nothing(tmp_path: Path, database: Database) -> None:
    path, applied = tmp_path / "feeds.toml", asyncio.Event()
    path.write_text(ONE)
    file = feeds_file(path, database, applied)
    await file.load()

    path.write_text(TWO + "[[feed]]\nurl = 7")
    with pytest.raises(Misconfigured, match="line 7"):
        await file.load()

    assert await polled(database) == ["https://a.example/"]


async def test_a_file_caught_while_it_is_written_unsubscribes_nobody(tmp_path: Path, database: Database) -> None:
    path = tmp_path / "feeds.toml"
    path.write_text(ONE)
    file = feeds_file(path, database, asyncio.Event())
    await file.load()

    path.write_text("")
    with pytest.raises(Misconfigured, match="empty"):
        await file.load()

    assert await polled(database) == ["https://a.example/"]


async def test_the_file_manages_its_own_feeds_alone(tmp_path: Path, database: Database) -> None:
    path, applied = tmp_path / "feeds.toml", asyncio.Event()
    given = subscriptions(from_flags(["https://flag.example/"]), origin="flag", now=NOW)
    await database.feeds.sync(given, origin="flag")
    path.write_text(ONE)
    file = feeds_file(path, database, applied)
    await file.load()

    path.write_text("# none\n")
    await file.load()

    assert await polled(database) == ["https://flag.example/"]


async def test_a_file_whose_secrets_are_not_there_is_refused(tmp_path: Path, database: Database) -> None:
    path, applied = tmp_path / "feeds.toml", asyncio.Event()
    path.write_text(ONE + 'user_env = "NEWS_USER"\npassword_file = "word"\n')
    (tmp_path / "word").write_text("s3cret\n")

    with pytest.raises(Misconfigured, match=r"feed https://a\.example/: the environment variable NEWS_USER is not set"):
        await feeds_file(path, database, applied).load()
    await feeds_file(path, database, applied, {"NEWS_USER": "bob"}).load()

    (feed,) = await database.feeds.list()
    assert feed.credentials.places == (("password", f"file:{tmp_path / 'word'}"), ("user", "env:NEWS_USER"))


async def test_other_credentials_are_a_change_of_the_feed(tmp_path: Path, database: Database) -> None:
    path, applied = tmp_path / "feeds.toml", asyncio.Event()
    path.write_text('[[feed]]\nurl = "https://bob:s3cret@a.example/"\n')
    file = feeds_file(path, database, applied, {"NEWS_USER": "bob"})
    await file.load()
    with_login = await database.feeds.list()
    path.write_text(ONE + 'user_env = "NEWS_USER"\n')

    await file.load()

    assert [(feed.url, feed.credentials.login) for feed in with_login] == [("https://a.example/", "bob:s3cret")]
    (feed,) = await database.feeds.list()
    assert (feed.credentials.login, feed.credentials.places) == ("", (("user", "env:NEWS_USER"),))
