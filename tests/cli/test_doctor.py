"""`wiredesk doctor`: each thing missing in turn is one line that says what it is and what to do."""

from __future__ import annotations

import asyncio
import json
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.cli.desk import Desk
from tests.servers.postgres import Postgres
from wiredesk.cli.doctor import A_DAY_OF_BYTES, room
from wiredesk.errors import WiredeskError

RULES = '[[endpoint]]\nname = "ops"\nurl = "https://hooks.example/w"\nsecret_env = "OPS_SECRET"\n'
NOBODY = "127.0.0.1:1"


@pytest.fixture
def desk(home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Desk:
    """One that lacks nothing: the gazetteer lies in its home."""
    return Desk(home=home, monkeypatch=monkeypatch, capfd=capfd)


def told(desk: Desk, status: int = 1, /, **settings: str) -> dict[str, tuple[str, str]]:
    """State and words of everything that is not well, by what was tried."""
    ended = desk("doctor", "--json", **settings)
    assert (ended.status, ended.err) == (status, "")
    found: list[dict[str, Any]] = [json.loads(line) for line in ended.out.splitlines()]
    ill = [one for one in found if one["state"] != "ok"]
    assert all(one["advice"] or one["state"] == "not tried" for one in ill)
    return {one["check"]: (one["state"], f"{one['found']} | {one['advice']}") for one in ill}


def test_where_nothing_is_wrong_everything_is_ok(desk: Desk) -> None:
    assert told(desk, 0) == {}


def test_servers_that_are_away_are_named_without_their_passwords(desk: Desk) -> None:
    ill = told(
        desk,
        WIREDESK_BUS_URL=f"kafka://{NOBODY}",
        WIREDESK_STATE_URL=f"redis://:s3cret@{NOBODY}",
        WIREDESK_DATABASE_URL=f"postgresql://u:s3cret@{NOBODY}/db",
        WIREDESK_CONTACT="desk@example.org",
    )

    assert {name: (state, NOBODY in words, "| start " in words) for name, (state, words) in ill.items()} == {
        name: ("fault", True, True) for name in ("log", "state", "database")
    }
    assert "s3cret" not in str(ill)


def test_several_hosts_of_which_none_answers_are_named_without_their_passwords(desk: Desk) -> None:
    others = f"{NOBODY},localhost:2"
    ill = told(
        desk,
        WIREDESK_BUS_URL=f"kafka://{others}",
        WIREDESK_DATABASE_URL=f"postgresql://u:s3cret@{others}/db",
        WIREDESK_STATE_URL=f"redis://{NOBODY}",
        WIREDESK_CONTACT="desk@example.org",
    )

    assert {name: (state, "| start " in words) for name, (state, words) in ill.items()} == {
        name: ("fault", True) for name in ("log", "state", "database")
    }
    assert others in ill["database"][1]
    assert "s3cret" not in str(ill)


@pytest.mark.parametrize(
    ("setting", "path", "reason"),
    [
        pytest.param("//u:wrong@", "/0", "invalid username-password", id="a wrong password"),
        pytest.param("//", "/99", "DB index is out of range", id="a database that there is not"),
    ],
)
def test_redis_that_refuses_is_a_fault_with_its_reason(
    desk: Desk, redis_url: str, setting: str, path: str, reason: str
) -> None:
    url = redis_url.replace("//", setting).removesuffix("/0") + path

    state, words = told(desk, WIREDESK_STATE_URL=url, WIREDESK_CONTACT="desk@example.org")["state"]

    assert state == "fault"
    assert reason in words
    assert "mend WIREDESK_STATE_URL" in words


class WithPassword(Postgres):
    """Wants a password of everybody, and knows none."""

    def prepare(self) -> None:
        super().prepare()
        (self.data / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n")


def test_postgresql_that_refuses_a_password_is_a_fault_with_its_reason(desk: Desk, postgres_url: str) -> None:
    # `postgres_url` skips where there is none.
    with WithPassword() as server:
        url = server.url.replace("postgres@", "postgres:wr0ng@")
        state, words = told(desk, WIREDESK_DATABASE_URL=url, WIREDESK_CONTACT="desk@example.org")["database"]

    assert state == "fault"
    assert 'password authentication failed for user "postgres"' in words
    assert "wr0ng" not in words


async def made_newer(url: str, schema: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"UPDATE {schema}.schema_version SET version_num = '9999'")
    finally:
        await connection.close()


def test_a_schema_of_a_newer_wiredesk_is_a_fault_that_names_both_versions(
    desk: Desk, postgres_url: str, prefix: str
) -> None:
    given = {
        "WIREDESK_DATABASE_URL": postgres_url,
        "WIREDESK_PREFIX": prefix,
        "WIREDESK_CONTACT": "desk@example.org",
    }
    assert desk("database", "apply", **given).status == 0
    assert told(desk, 0, **given) == {}
    asyncio.run(made_newer(postgres_url, prefix))

    state, words = told(desk, **given)["database"]

    assert state == "fault"
    assert "schema version 9999, newer than" in words
    assert "run the wiredesk that made its schema" in words


def test_a_broker_without_topics_is_a_fault_until_they_are_applied(desk: Desk, kafka_url: str, prefix: str) -> None:
    state, words = told(
        desk, WIREDESK_BUS_URL=kafka_url, WIREDESK_PREFIX=prefix, WIREDESK_STATE_URL=f"redis://{NOBODY}"
    )["log"]

    assert state == "fault"
    assert "10 topics missing or different | run `wiredesk topics apply`" in words


def test_topics_made_with_other_replicas_than_set_are_told_with_the_reason(
    desk: Desk, kafka_url: str, prefix: str
) -> None:
    given = {
        "WIREDESK_BUS_URL": kafka_url,
        "WIREDESK_PREFIX": prefix,
        "WIREDESK_STATE_URL": f"redis://{NOBODY}",
        "WIREDESK_KAFKA_PARTITIONS": "1",
    }
    assert desk("topics", "apply", WIREDESK_KAFKA_REPLICATION="1", **given).status == 0

    state, words = told(desk, **given)["log"]

    assert state == "fault"
    assert "10 topics missing or different | `wiredesk topics plan` has all; replicas are moved by" in words


def test_a_home_that_cannot_be_had_is_one_fault_and_not_four(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    ill = told(replace(desk, home=tmp_path / "file"))

    assert "file is a file, expected a folder that can be written | set WIREDESK_HOME to" in ill["home"][1]
    assert {name: ill[name][0] for name in ("log", "state", "database")} == {
        name: "not tried" for name in ("log", "state", "database")
    }


def test_a_gazetteer_that_is_missing_is_a_warning(desk: Desk, tmp_path: Path) -> None:
    ill = told(replace(desk, home=tmp_path / "fresh"), 0)

    assert ill["gazetteer"][0] == "warning"
    assert "`wiredesk gazetteer build`" in ill["gazetteer"][1]


def test_a_full_disk_is_told_before_it_is_full() -> None:
    assert room(A_DAY_OF_BYTES) == "1 GB free"
    with pytest.raises(WiredeskError, match="999 MB free, expected 1 GB"):
        room(A_DAY_OF_BYTES - 1)


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        pytest.param(RULES, "endpoint ops: the environment variable OPS_SECRET is not set", id="a secret not set"),
        pytest.param('[[rule]]\nname = "A b"\nquery = "x"', "line 2: name = 'A b': expected", id="a bad name"),
        pytest.param('[[rule]]\nname = "a"\nquery = "(x"', "line 3", id="a bad query"),
        pytest.param("[[rule]", "Expected ']]'", id="no TOML"),
        pytest.param(None, "No such file", id="no file"),
    ],
)
def test_files_that_are_bad_are_faults_with_line_and_reason(
    desk: Desk, tmp_path: Path, rules: str | None, reason: str
) -> None:
    (tmp_path / "feeds.toml").write_text('[[feed]]\nurl = "ftp://x"\n')
    if rules is not None:
        (tmp_path / "rules.toml").write_text(rules)

    ill = told(desk, WIREDESK_FEEDS_FILE=str(tmp_path / "feeds.toml"), WIREDESK_RULES_FILE=str(tmp_path / "rules.toml"))

    assert "feeds.toml, line 2: url = 'ftp://x'" in ill["feeds file"][1]
    assert reason in ill["rules file"][1]


def test_a_places_file_is_counted_or_a_fault_with_line_and_reason(desk: Desk, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text('[[area]]\ncode = "front"\nname = "Front"\nregions = ["SY-HL"]\n')
    bad.write_text('[[area]]\ncode = "sy"\n')

    well = desk("doctor", WIREDESK_PLACES_FILE=str(good))
    ill = told(desk, WIREDESK_PLACES_FILE=str(bad))

    assert (well.status, f"{good}, 0 places, 1 area" in well.out) == (0, True)
    assert ill["places file"][0] == "fault"
    assert "bad.toml, line 2: code = 'sy': expected" in ill["places file"][1]
    assert "mend the file that WIREDESK_PLACES_FILE names" in ill["places file"][1]


@pytest.mark.parametrize(
    ("listen", "state", "words"),
    [
        ("0.0.0.0:0", "fault", "no WIREDESK_TOKEN | set it"),
        ("127.0.0.1:{port}", "warning", "Address already in use | leave it if that is wiredesk itself"),
    ],
)
def test_where_it_would_listen_is_tried(desk: Desk, listen: str, state: str, words: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as there:
        port = there.getsockname()[1]

        found = told(desk, int(state == "fault"), WIREDESK_LISTEN=listen.format(port=port))["listen"]

    assert found[0] == state
    assert words in found[1]


def test_where_each_role_has_a_container_only_web_wants_a_token(desk: Desk) -> None:
    away = {"WIREDESK_BUS_URL": f"kafka://{NOBODY}", "WIREDESK_STATE_URL": f"redis://{NOBODY}"}

    found = told(desk, WIREDESK_LISTEN="0.0.0.0:0", WIREDESK_DATABASE_URL=f"postgresql://u@{NOBODY}/db", **away)[
        "listen"
    ]

    assert found[0] == "warning"
    assert "no WIREDESK_TOKEN | set it where the role web runs" in found[1]


def test_an_address_that_is_not_this_machine_s_is_a_fault(desk: Desk) -> None:
    found = told(desk, WIREDESK_LISTEN="192.0.2.1:80", WIREDESK_TOKEN="c2VjcmV0LXdvcmQ=")["listen"]

    assert found[0] == "fault"
    assert "set WIREDESK_LISTEN to an address of this machine" in found[1]


def test_a_setting_that_is_wrong_is_a_fault_that_says_what_was_expected(desk: Desk) -> None:
    assert told(desk, WIREDESK_POLL_FLOOR="60") == {
        "settings": (
            "fault",
            "WIREDESK_POLL_FLOOR='60': expected a number with a unit, such as 60s, 24h or 14d | mend the setting",
        )
    }


def test_an_outline_that_is_no_feed_is_a_warning_with_its_line(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "feeds.opml"
    file.write_text('<opml><body>\n<outline type="rss" xmlUrl="feed"/>\n</body></opml>', "utf-8")

    state, words = told(desk, 0, WIREDESK_FEEDS_FILE=str(file))["feeds file"]

    assert state == "warning"
    assert "0 feeds, 1 left out: line 2: xmlUrl='feed'" in words
