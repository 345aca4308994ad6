from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from wiredesk.backends import database_of, make_home, topics_of
from wiredesk.config import Config


@pytest.mark.parametrize(("replication", "in_sync"), [(3, "2"), (2, "1"), (1, "1")])
def test_what_is_acknowledged_is_on_all_brokers_of_a_topic_but_one(replication: int, in_sync: str) -> None:
    topics = topics_of(Config(kafka_replication=replication))

    assert {topic.settings["min.insync.replicas"] for topic in topics} == {in_sync}


def mode_of(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


async def test_a_new_home_is_for_its_owner_alone(tmp_path: Path) -> None:
    config = Config(home=tmp_path / "home")

    async with database_of(config, opening="migrate"):
        pass

    assert mode_of(config.home) == "0o700"


def test_what_an_earlier_version_left_open_is_closed_and_nothing_else_is_touched(tmp_path: Path) -> None:
    os.chmod(tmp_path, 0o755)
    for name in ("database.sqlite", "database.sqlite-wal", "notes.txt"):
        (tmp_path / name).touch(mode=0o644)

    make_home(Config(home=tmp_path))

    modes = {path.name: mode_of(path) for path in tmp_path.iterdir()}
    assert modes == {"database.sqlite": "0o600", "database.sqlite-wal": "0o600", "notes.txt": "0o644"}
    assert mode_of(tmp_path) == "0o700"


@pytest.mark.parametrize(
    ("mode", "has_files"), [(0o1777, True), (0o755, False)], ids=["everybody's", "nothing of ours"]
)
def test_a_folder_that_is_not_ours_alone_is_left_as_it_is(mode: int, has_files: bool, tmp_path: Path) -> None:
    os.chmod(tmp_path, mode)
    if has_files:
        (tmp_path / "database.sqlite").touch()

    make_home(Config(home=tmp_path))

    assert mode_of(tmp_path) == oct(mode)


def test_a_link_to_somebody_else_s_file_is_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.touch(mode=0o644)
    home = tmp_path / "home"
    home.mkdir()
    (home / "state.sqlite").symlink_to(other)

    make_home(Config(home=home))

    assert mode_of(other) == "0o644"
