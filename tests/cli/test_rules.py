"""`wiredesk rules`."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.desk import Desk
from tests.contracts.samples import NOW, a_comment, an_article
from tests.roles.notify.samples import endpoint, rule
from wiredesk.cli.caret import pointed
from wiredesk.cli.times import since_when
from wiredesk.database import Database
from wiredesk.roles.geotag.gazetteer_file import NAME


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Three rules, one endpoint whose secret is in the file."""
    path = tmp_path / "rules.toml"
    path.write_text(
        '[[endpoint]]\nname = "ops"\nurl = "https://ops.example/"\nsecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"\n\n'
        + rule("rain", "rain OR drizzle")
        + rule("syria", "region:SY AND shells")
        + rule("ada", "author:ada kind:article"),
        "utf-8",
    )
    return path


def test_a_rules_file_without_faults_says_so(desk: Desk, file: Path) -> None:
    ended = desk("rules", "check", str(file))

    assert (ended.status, ended.err) == (0, "")
    assert ended.out == f"{file}: no faults in 3 rules and 1 endpoint\n"


def test_every_fault_is_shown_with_a_caret_under_it(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text(endpoint() + rule("a", 'sun "rain') + rule("b", "nowhere:x") + rule("c", "fine"), "utf-8")

    ended = desk("rules", "check", str(path))

    assert (ended.status, ended.err) == (1, "")
    lines = ended.out.splitlines()
    assert lines[0].startswith(f"{path}, line 7: fault: rule a: this quotation mark is never closed")
    assert lines[1:3] == ['    sun "rain', "        ^"]
    assert lines[3].startswith(f"{path}, line 11: fault: rule b: unknown field 'nowhere'")
    assert lines[4:] == ["    nowhere:x", "    ^"]


@pytest.mark.parametrize(("opening", "line"), [('"""sun', 4), ('"""\nsun', 5)], ids=["at once", "on the next line"])
def test_faults_for_programs_have_line_and_position(desk: Desk, tmp_path: Path, opening: str, line: int) -> None:
    path = tmp_path / "r.toml"
    path.write_text(f'[[rule]]\nname = "a"\nquery = {opening}\n  AND (rain"""\n', "utf-8")

    ended = desk("rules", "check", str(path), "--json")

    assert ended.status == 1
    assert f'"line":{line}' in ended.out
    assert '"position":11' in ended.out


def test_a_region_that_nothing_is_ever_in_focus_of_is_a_warning(desk: Desk, tmp_path: Path) -> None:
    path, places = tmp_path / "r.toml", tmp_path / "places.toml"
    path.write_text(
        rule("a", "region:front AND (region:SY-HX OR NOT region:sy OR region:145)", endpoints="[]"), "utf-8"
    )
    places.write_text('[[area]]\ncode = "front"\nname = "Front"\nregions = ["SY-HL"]\n', "utf-8")

    without, with_places = desk("rules", "check", str(path)), desk("rules", "check", str(path), "--places", str(places))

    assert (without.status, with_places.status) == (0, 0)
    assert without.out.count("warning") == 2
    assert "line 3: warning: rule a: region:FRONT is no ISO 3166 or M49 code and no area" in without.out
    assert with_places.out.count("warning") == 1
    assert (
        "region:SY-HX is no ISO 3166 or M49 code and no area of a places file given; did you mean SY-H"
        in with_places.out
    )
    assert desk("rules", "check", str(path), WIREDESK_PLACES_FILE=str(places)).out == with_places.out


def test_what_is_unwise_is_a_warning_and_no_fault(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text(endpoint() + rule("a", "rai*"), "utf-8")

    ended = desk("rules", "check", str(path))

    assert ended.status == 0
    assert "line 4: warning: endpoint ops: the environment variable OPS_SECRET is not set" in ended.out
    assert "line 7: warning: rule a: no whole word" in ended.out
    assert ended.out.endswith("no faults in 1 rule and 1 endpoint\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("[[rule", "r.toml: ", id="no TOML"),
        pytest.param(rule("a"), "there is no endpoint 'ops'", id="no such endpoint"),
        pytest.param(None, "No such file", id="no file"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(desk: Desk, tmp_path: Path, text: str | None, expected: str) -> None:
    path = tmp_path / "r.toml"
    if text is not None:
        path.write_text(text, "utf-8")

    for command in ("check", "test", "backtest"):
        ended = desk("rules", command, str(path))

        assert (ended.status, ended.out) == (1, "")
        assert ended.err.startswith("wiredesk: ")
        assert expected in ended.err
        assert ended.err.count("\n") == 1


def test_a_text_is_told_which_rules_match_and_what_in_it(desk: Desk, file: Path) -> None:
    (told,) = desk.lines("rules", "test", str(file), "--title", "Rain", "--text", "A drizzle at dawn.")

    assert (told["rule"], told["endpoints"]) == ("rain", ["ops"])
    assert told["matched"] == [
        {"field": "title", "start": 0, "end": 4, "text": "Rain"},
        {"field": "text", "start": 2, "end": 9, "text": "drizzle"},
    ]
    assert "text: drizzle" in desk("rules", "test", str(file), stdin="A drizzle at dawn.").out


def test_a_text_is_in_the_areas_of_the_places_file(desk: Desk, tmp_path: Path, gazetteer: Path) -> None:
    file, places = tmp_path / "r.toml", tmp_path / "places.toml"
    file.write_text(rule("own", "region:front", endpoints="[]"), "utf-8")
    places.write_text('[[area]]\ncode = "front"\nname = "Front"\nregions = ["SY-HL"]\n', "utf-8")
    desk.home.mkdir(exist_ok=True)
    os.symlink(gazetteer, desk.home / NAME)
    asked = ("rules", "test", str(file), "--text", "Shells fell on Aleppo.")

    assert desk.lines(*asked) == []
    assert [one["rule"] for one in desk.lines(*asked, "--places", str(places))] == ["own"]


def test_a_text_s_regions_are_those_of_geotag_or_those_given(desk: Desk, file: Path, gazetteer: Path) -> None:
    given = desk.lines("rules", "test", str(file), "--text", "Shells fell.", "--region", "SY-HL")
    without = desk("rules", "test", str(file), "--text", "Shells fell on Aleppo.")
    desk.home.mkdir(exist_ok=True)
    os.symlink(gazetteer, desk.home / NAME)
    found = desk.lines("rules", "test", str(file), "--text", "Shells fell on Aleppo in Syria.")

    assert [one["rule"] for one in given] == ["syria"]
    assert without.err == (
        "warning: no table of place names, so region: matches nothing; `wiredesk gazetteer build` makes it\n"
        "none of 3 rules matches\n"
    )
    assert [one["rule"] for one in found] == ["syria"]


def test_a_stored_item_is_tried_as_it_is(desk: Desk, file: Path) -> None:
    desk.store([an_article(text="Dry.", title="Sun", authors=["Ada"]), a_comment(text="Rain would be good.")])

    assert [one["rule"] for one in desk.lines("rules", "test", str(file), "--item", "a1")] == ["ada"]
    assert "(its fields" not in desk("rules", "test", str(file), "--item", "a1").out
    assert [one["rule"] for one in desk.lines("rules", "test", str(file), "--item", "c1")] == ["rain"]
    assert desk("rules", "test", str(file), "--item", "nine").err.startswith("wiredesk: no item 'nine'")
    assert desk("rules", "test", str(file), "--item", "a1", "--text", "x").status == 2


def test_a_backtest_counts_items_and_the_alerts_of_their_stories(desk: Desk, file: Path) -> None:
    desk.store(
        [an_article(f"a{number}", text="Rain.", story="s" if number < 3 else None) for number in range(5)]
        + [a_comment(text="Rain!", article_id="a1"), an_article("b", text="Dry.", title="Sun")]
    )

    counts = {str(one["rule"]): one for one in desk.lines("rules", "backtest", str(file))}
    table = desk("rules", "backtest", str(file))

    assert (counts["rain"]["items"], counts["rain"]["alerts"]) == (6, 3)
    assert (counts["ada"]["items"], counts["ada"]["alerts"]) == (0, 0)
    assert "7 items\n" in table.err
    assert "rain" in table.out


def test_a_backtest_looks_no_further_back_than_asked(desk: Desk, file: Path) -> None:
    async def store(database: Database) -> None:
        for days in (9, 1):
            at = datetime.now(UTC) - timedelta(days=days)
            await database.items.put([an_article(f"a{days}", collected=at)], now=at)

    desk.with_database(store)

    def rained(*options: str) -> object:
        return desk.lines("rules", "backtest", str(file), *options).pop(0)["items"]

    assert rained() == 2
    assert rained("--since", "7d") == 1
    assert rained("--limit", "1") == 1
    assert desk("rules", "backtest", str(file), "--since", "yesterday").status == 2


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", None),
        ("24h", NOW - timedelta(hours=24)),
        ("2026-11-24", NOW.replace(hour=0)),
        ("2026-11-24T13:00+01:00", NOW),
    ],
)
def test_an_instant_is_an_age_or_a_time(given: str, expected: datetime | None) -> None:
    assert since_when(given, now=NOW) == expected


def test_the_caret_stands_under_wide_letters_and_in_long_lines() -> None:
    assert pointed("\u5317\u4eac AND (x", 7) == ["\u5317\u4eac AND (x", "         ^"]
    shown, caret = pointed("x " * 200 + "(" + " y" * 200, 400)
    assert shown[caret.index("^")] == "("
    assert len(shown) < 130
