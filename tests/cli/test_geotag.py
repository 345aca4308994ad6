"""`wiredesk geotag` and `wiredesk gazetteer`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.desk import Desk
from tests.pipeline import paper
from tests.pipeline.running import environment, wiredesk
from tests.roles.geotag.overlays import area, place
from tests.web import Site
from wiredesk.cli.progress import shown
from wiredesk.roles.geotag.gazetteer_file import NAME

TEXT = "Fighters pulled out of Manbij, Syria. Shells fell on Aleppo."


@pytest.fixture
def placed(desk: Desk, gazetteer: Path) -> Desk:
    """A desk with the table of place names."""
    desk.home.mkdir()
    os.symlink(gazetteer, desk.home / NAME)
    return desk


def codes(told: dict[str, object]) -> list[str]:
    regions = told["regions"]
    assert isinstance(regions, list)
    return [region["code"] for region in regions]


def test_a_text_s_places_stand_where_their_offsets_say(placed: Desk) -> None:
    (told,) = placed.lines("geotag", TEXT)

    places = told["places"]
    assert isinstance(places, list)
    assert [TEXT[place["start"] : place["end"]] for place in places] == ["Manbij", "Syria", "Aleppo"]
    assert {"SY", "SY-HL"} <= set(codes(told))


def test_the_tables_are_for_people(placed: Desk) -> None:
    out = placed("geotag", TEXT, "--title", "Truce in Raqqa").out

    assert "9-14" in out
    assert "Manbij" in out
    assert "SY-HL" in out


def test_a_file_and_standard_input_say_the_same_as_the_text(placed: Desk, tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_text(TEXT, "utf-8")

    assert placed.lines("geotag", str(file)) == placed.lines("geotag", "-", stdin=TEXT) == placed.lines("geotag", TEXT)


def test_own_places_and_areas_are_those_of_the_option_or_of_the_setting(placed: Desk, tmp_path: Path) -> None:
    file, text = tmp_path / "places.toml", "Shells fell on Kaljibreen."
    file.write_text(place("Kaljibreen") + area("front", 'regions = ["SY-HL"]'), "utf-8")

    (told,) = placed.lines("geotag", text, "--places", str(file))

    assert {"SY", "front"} <= set(codes(told))
    assert (
        placed("geotag", text, "--json", WIREDESK_PLACES_FILE=str(file)).out
        == placed("geotag", text, "--json", "--places", str(file)).out
    )


def test_a_bad_places_file_is_one_line_and_nothing_is_tagged(placed: Desk, tmp_path: Path) -> None:
    file = tmp_path / "places.toml"
    file.write_text('[[place]]\nname = "Anadan"\ncountry = "Syria"\n', "utf-8")

    ended = placed("geotag", TEXT, "--places", str(file))

    assert (ended.status, ended.out) == (1, "")
    assert ended.err.startswith(f"wiredesk: {file}, line 3: place Anadan: country: 'Syria'")
    assert ended.err.count("\n") == 1


def test_a_text_without_places_says_so(placed: Desk) -> None:
    ended = placed("geotag", "nothing to see here " * 40)

    assert (ended.status, ended.out, ended.err) == (0, "", "no places\nno regions\n")


def test_of_a_page_the_article_is_read(placed: Desk, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(str(paper.pages("https://paper.example")["/ferry"].body), "utf-8")

    (told,) = placed.lines("geotag", str(page))

    assert told["title"] == "Ferry aground off Bergen"
    assert "NO" in codes(told)


async def test_a_url_is_fetched(home: Path) -> None:
    async with Site() as site:
        site.serve("/page", paper.pages(site.url)["/ferry"])
        ended = await wiredesk("geotag", f"{site.url}/page", env=environment(home))
        gone = await wiredesk("geotag", f"{site.url}/nothing", env=environment(home))

    assert ended.status == 0, ended.err
    assert "Bergen" in ended.out
    assert (gone.status, gone.err.count("\n")) == (1, 1)
    assert "answered 404, expected 200" in gone.err


@pytest.mark.faults  # no fault, but fifteen seconds
def test_the_table_is_built_where_it_is_looked_for(desk: Desk) -> None:
    ended = desk("gazetteer", "build")

    assert ended.status == 0, ended.err
    assert ended.out.startswith(f"{(desk.home / NAME).absolute()}: ")
    assert ended.err.endswith("gazetteer: 100% done\n")
    assert "compiling" not in desk("geotag", TEXT).err


def test_without_a_terminal_progress_is_a_line_a_step(capfd: pytest.CaptureFixture[str]) -> None:
    with shown("gazetteer") as tell:
        for share, what in ((0.0, "countries"), (0.41, "cities"), (0.42, "cities"), (0.55, "cities"), (1.0, "done")):
            tell(share, what)

    assert capfd.readouterr().err.splitlines() == [
        "gazetteer:   0% countries",
        "gazetteer:  41% cities",
        "gazetteer:  55% cities",
        "gazetteer: 100% done",
    ]


def test_a_table_that_cannot_be_written_is_one_line(desk: Desk) -> None:
    ended = desk("gazetteer", "build", "--to", "/proc/nowhere/places.bin")

    assert ended.status == 1
    assert ended.err.startswith("wiredesk: gazetteer /proc/nowhere/places.bin: ")
    assert ended.err.count("\n") == 1
