"""The command line as a whole: help, lists for programs, errors in one line."""

from __future__ import annotations

import asyncio
import re
import shlex
from pathlib import Path

import pytest

from tests.cli.desk import Desk
from tests.pipeline.running import COMMAND, PATIENCE, environment, wiredesk

COMMANDS = [
    "run",
    "demo",
    *(f"feeds {verb}" for verb in ("add", "remove", "list", "check", "import", "export", "status", "pause", "resume")),
    *(f"{noun} {verb}" for noun in ("topics", "database") for verb in ("plan", "apply")),
    "lag",
    *(f"dead {verb}" for verb in ("list", "show", "replay")),
    *(f"items {verb}" for verb in ("search", "show", "tail", "delete")),
    *(f"rules {verb}" for verb in ("check", "test", "backtest")),
    *(f"deliveries {verb}" for verb in ("list", "show", "retry", "endpoints")),
    "extract",
    "geotag",
    "dedupe explain",
    "gazetteer build",
    "doctor",
]
LISTS = [
    "feeds list",
    "feeds status",
    "topics plan",
    "database plan",
    "lag",
    "dead list",
    "items search",
    "deliveries list",
    "deliveries endpoints",
    "doctor",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(desk: Desk, command: str) -> None:
    ended = desk(*command.split(), "--help")

    assert (ended.status, ended.err) == (0, "")
    assert f"Usage: wiredesk {command}" in ended.out


@pytest.mark.parametrize("command", LISTS)
def test_what_lists_takes_json(desk: Desk, command: str) -> None:
    desk.lines(*command.split())


@pytest.mark.parametrize("noun", ["", *sorted({command.split()[0] for command in COMMANDS if " " in command})])
def test_a_noun_without_its_verb_shows_them(desk: Desk, noun: str) -> None:
    ended = desk(*noun.split())

    assert ended.status == 2
    assert "Commands" in ended.out + ended.err


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["sing"], id="an unknown noun"),
        pytest.param(["items", "sing"], id="an unknown verb"),
        pytest.param(["items", "search", "--sing"], id="an unknown option"),
        pytest.param(["items", "show"], id="an argument missing"),
        pytest.param(["feeds", "add", "https://example.org/", "--priority", "high"], id="a number that is none"),
        pytest.param(["deliveries", "list", "--limit", "0"], id="a number below the least"),
        pytest.param(["items", "search", "--since", "soon"], id="a time that is none"),
    ],
)
def test_wrong_use_is_status_2(desk: Desk, arguments: list[str]) -> None:
    ended = desk(*arguments)

    assert (ended.status, ended.out) == (2, "")
    assert "Usage: wiredesk" in ended.err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param(["items", "show", "nine"], "no item 'nine'", id="an item that is not stored"),
        pytest.param(["feeds", "pause", "https://example.org/"], "no feed", id="a feed not subscribed to"),
        pytest.param(["feeds", "add", "ftp://example.org/"], "ftp", id="no web address"),
        pytest.param(["feeds", "import", "nowhere.opml"], "nowhere.opml", id="no file"),
        pytest.param(["dead", "show", "0-9"], "no dead letter", id="a dead letter that there is not"),
        pytest.param(["extract", "nowhere.html"], "expected a URL or a file", id="no page"),
        pytest.param(["run", "sing"], "sing", id="an unknown role"),
        pytest.param(["lag", "--env-file", "nowhere.env"], "nowhere.env", id="no settings file"),
    ],
)
def test_wrong_input_is_one_line_and_status_1(desk: Desk, arguments: list[str], expected: str) -> None:
    ended = desk(*arguments)

    assert (ended.status, ended.out) == (1, "")
    assert ended.err.startswith("wiredesk: ")
    assert expected in ended.err
    assert ended.err.count("\n") == 1


def test_a_setting_that_there_is_not_is_one_line_that_offers_the_nearest(desk: Desk) -> None:
    ended = desk("lag", WIREDESK_KEEP_DAY="9")

    assert ended.status == 1
    assert "WIREDESK_KEEP_DAYS" in ended.err
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize(
    ("shell", "asked"),
    [
        ("complete_bash", {"COMP_WORDS": "wiredesk dead ", "COMP_CWORD": "2"}),
        ("complete_zsh", {"_TYPER_COMPLETE_ARGS": "wiredesk dead "}),
    ],
)
def test_a_shell_that_asks_gets_what_may_come_next(desk: Desk, shell: str, asked: dict[str, str]) -> None:
    ended = desk(_WIREDESK_COMPLETE=shell, **asked)

    assert ended.status == 0, ended.err
    assert {"list", "show", "replay"} <= set(re.findall("[a-z]+", ended.out))


@pytest.mark.parametrize(
    ("closed", "status", "told"),
    [(">&-", 0, b""), ("<&-", 0, b""), (">/dev/full", 1, b"wiredesk: No space left on device\n")],
)
async def test_standard_files_that_cannot_be_used_are_no_traceback(
    home: Path, closed: str, status: int, told: bytes
) -> None:
    command = f"{shlex.join(COMMAND)} doctor {closed}"

    process = await asyncio.create_subprocess_exec(
        "bash", "-c", command, env=environment(home), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    _, err = await asyncio.wait_for(process.communicate(), PATIENCE)

    assert (process.returncode, err) == (status, told)


async def test_a_user_s_shell_gets_the_same_statuses(home: Path) -> None:
    env = environment(home)

    version = await wiredesk("--version", env=env)
    wrong = await wiredesk("items", "show", "nine", env=env)

    assert (version.status, version.err) == (0, "")
    assert version.out.startswith("wiredesk ")
    assert (wrong.status, wrong.out) == (1, "")
    assert wrong.err == "wiredesk: no item 'nine': `wiredesk items search` gives ids\n"
