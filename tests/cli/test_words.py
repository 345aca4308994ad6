"""Commands speak of one thing as of one, in no library's words, and say by their status whether it was wrong use."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.desk import Desk
from tests.contracts.samples import an_article
from wiredesk.config import load
from wiredesk.errors import Misconfigured


def test_an_outline_that_is_no_feed_is_left_out_with_its_line_and_counted(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "feeds.opml"
    file.write_text(
        "<opml><body>\n"
        '<outline text="News">\n'
        '<outline type="rss" text="Good" xmlUrl="https://good.example/rss"/>\n'
        '<outline type="rss" text="Bad" xmlUrl="htp:/bad.example"/>\n'
        "</outline></body></opml>",
        "utf-8",
    )

    ended = desk("feeds", "import", str(file))

    assert (ended.status, ended.out) == (1, "added 1 of 2 feeds; 1 left out\n")
    assert ended.err == f"left out: {file}, line 4: xmlUrl='htp:/bad.example': expected an http(s) URL\n"
    assert [feed["url"] for feed in desk.lines("feeds", "list")] == ["https://good.example/rss"]


def test_what_is_there_already_is_counted_apart_from_what_was_left_out(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "feeds.opml"
    file.write_text('<opml><body><outline type="rss" xmlUrl="https://good.example/rss"/></body></opml>', "utf-8")
    assert desk("feeds", "import", str(file)).out == "added 1 of 1 feed\n"

    ended = desk("feeds", "import", str(file))

    assert (ended.status, ended.out) == (0, "added 0 of 1 feed; 1 there already\n")


def test_an_item_is_shown_without_a_word_of_python(desk: Desk) -> None:
    desk.store([an_article(authors=["Ada", "Bob"], regions=["SY-HL", "PT"])])

    shown = desk("items", "show", "a1").out

    assert "authors: Ada, Bob\n" in shown
    for python in ("(", "datetime", "Region", "='", "None", "['"):
        assert python not in shown.partition("\n\n")[0]


def test_the_table_of_feeds_has_no_half_failures(desk: Desk) -> None:
    desk("feeds", "add", "https://a.example/rss")

    assert "failures" not in desk("feeds", "status").out
    assert "failures" in desk.lines("feeds", "status")[0]


def test_a_count_of_one_is_singular(desk: Desk, tmp_path: Path) -> None:
    desk.store([an_article()])
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\nname = "all"\nquery = "rain"\nendpoints = []\n', "utf-8")

    assert desk("rules", "backtest", str(rules)).err == "backtest: 100% 1 item\n1 item\n"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["items", "search", "--kind", "rumour"], "expected article or comment"),
        (["items", "search", "--limit", "0"], "limit"),
        (["feeds", "add", "https://a.example/", "--priority", "99"], "expected 0.1 to 10"),
        (["feeds", "check", "https://a.example/", "--allow", "everything"], "--allow everything"),
        (["run", "--feed", "ftp://a.example/"], "expected an http(s) URL"),
        (["run", "store", "--until-idle"], "--until-idle wants all roles"),
        (["run", "--listen", "everywhere"], "expected HOST:PORT"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_bad_option_is_wrong_use_whichever_it_is(desk: Desk, arguments: list[str], expected: str) -> None:
    ended = desk(*arguments)

    assert (ended.status, ended.out) == (2, "")
    assert expected in " ".join(ended.err.replace("│", " ").split())


def test_a_bad_setting_beside_a_good_option_is_no_wrong_use(desk: Desk) -> None:
    ended = desk("run", "--listen", "127.0.0.1:0", WIREDESK_POLLERS="many")

    assert ended.status == 1
    assert ended.err == "wiredesk: WIREDESK_POLLERS='many': expected a whole number\n"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("POLLERS", "many", "expected a whole number"),
        ("POLLERS", "0", "expected 1 or more"),
        ("KAFKA_REPLICATION", "11", "expected 10 or less"),
        ("LOG_LEVEL", "loud", "expected 'debug', 'info', 'warning' or 'error'"),
        ("PREFIX", "Desk", "expected what matches ^[a-z]"),
        ("INSTANCE", "i" * 201, "expected at most 200 characters"),
        ("STALL", "soon", "expected a number with a unit, such as 60s, 24h or 14d"),
    ],
)
def test_a_setting_that_is_refused_says_what_was_expected_in_our_words(name: str, value: str, expected: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        load({f"WIREDESK_{name}": value})

    assert f"WIREDESK_{name}='{value}': {expected}" in str(refused.value)


@pytest.mark.parametrize("command", [["feeds", "list"], ["database", "plan"], ["doctor", "--json"]], ids=" ".join)
def test_a_home_that_is_a_file_is_said_to_be_one(desk: Desk, command: list[str], tmp_path: Path) -> None:
    file = tmp_path / "note.txt"
    file.write_text("no folder", "utf-8")

    for home in (file, file / "below"):
        ended = desk(*command, WIREDESK_HOME=str(home))

        assert ended.status == 1
        assert f"{file} is a file, expected a folder" in " ".join((ended.out + ended.err).split())
