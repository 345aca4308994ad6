"""Watch areas: which texts are about them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.roles.geotag.overlays import area, overlay, place
from wiredesk.events import Region
from wiredesk.roles.geotag.gazetteer import Gazetteer
from wiredesk.roles.geotag.tag import tag

CITY = "circles = [{ latitude = 36.2, longitude = 37.16, km = 20 }]"
COAST = "polygon = [[47.2, 30.0], [46.6, 33.9], [45.1, 33.3], [44.3, 31.0], [43.7, 28.0], [45.4, 28.6]]"
FIJI = "polygon = [[-15.5, 176.5], [-15.5, -178.0], [-20.0, -178.0], [-20.0, 176.5]]"

HELD = {
    "a city in a circle": (CITY, "Shells fell on Aleppo."),
    "an own place in a circle": (CITY, "Shells fell on Kaljibreen."),
    "a city that is a state as well": (
        "circles = [{ latitude = 1.3, longitude = 103.8, km = 30 }]",
        "Singapore raises rates.",
    ),
    "a place of less weight in a circle": (
        CITY,
        "Paris and Lyon sent aid. Marseille and Nice too. Some came to Aleppo.",
    ),
    "a place in a polygon": (COAST, "Grain ships left Odesa, Ukraine."),
    "a place in a polygon across the date line": (FIJI, "A storm hit Fiji; Suva and Nadi are cut off."),
    "a place that is hardly one, in a unit in focus": (FIJI, "A storm hit Suva, the capital of Fiji."),
    "one of two circles": (f"{CITY[:-1]}, {{ latitude = 48.9, longitude = 2.3, km = 20 }}]", "Rain in Paris, France."),
    "a country": ('regions = ["SY"]', "Syria votes."),
    "a place in a country": ('regions = ["SY"]', "Shells fell on Aleppo."),
    "an adjective of a country": ('regions = ["SY"]', "The Syrian government resigned."),
    "a unit": ('regions = ["sy-hl"]', "Fighters left Manbij in Syria"),
    "a region of M49": ('regions = ["145"]', "Shells fell on Aleppo."),
    "a wide area itself": ('regions = ["145"]', "Oil from the Middle East is dear."),
    "a country without a part that is not spoken of": (
        'regions = ["SY"]\nwithout = ["SY-ID"]',
        "Shells fell on Aleppo.",
    ),
    "another part beside one that it is without": (
        'regions = ["SY"]\nwithout = ["SY-ID"]',
        "In Syria shells fell on Idlib and Aleppo.",
    ),
    "codes or shapes": (f'regions = ["NO"]\n{CITY}', "Rain in Bergen, Norway."),
}

NOT_HELD = {
    "a city beyond the circle": (CITY, "Shells fell on Idlib."),
    "a country whose middle lies in the circle": (
        "circles = [{ latitude = 35.0, longitude = 38.0, km = 300 }]",
        "Syria votes.",
    ),
    "a namesake elsewhere": (COAST, "Odessa, Texas, police say a boy is missing."),
    "a country called like its capital": (
        "circles = [{ latitude = 19.43, longitude = -99.13, km = 30 }]",
        "Mexico raises tariffs on Canada.",
    ),
    "a part that it is without": (
        'regions = ["SY"]\nwithout = ["SY-ID"]',
        "Shells fell on Idlib, in the north of Syria.",
    ),
    "a wide area for a part that it is without": (
        'regions = ["145"]\nwithout = ["IL"]',
        "Haifa in Israel is the best port of the Middle East.",
    ),
    "a country that its region is without": ('regions = ["145"]\nwithout = ["IL"]', "Haifa in Israel elects a mayor."),
    "a place in a circle in a country that it is without": (f'{CITY}\nwithout = ["SY"]', "Shells fell on Aleppo."),
    "no place at all": (f'regions = ["SY"]\n{CITY}', "Nothing happened."),
}


@pytest.fixture(scope="module")
def world(gazetteer: Path) -> Iterator[Gazetteer]:
    """The place names, opened once."""
    with Gazetteer(gazetteer) as opened:
        yield opened


def areas(world: Gazetteer, text: str, *parts: str) -> list[Region]:
    regions = tag({"text": text}, world, overlay=overlay(place("Kaljibreen"), *parts)).regions
    return [region for region in regions if region.kind == "area"]


@pytest.mark.parametrize(("holds", "text"), HELD.values(), ids=HELD)
def test_an_area_holds(world: Gazetteer, holds: str, text: str) -> None:
    (found,) = areas(world, text, area("watched", holds))

    assert (found.code, found.name) == ("watched", "The watched")
    assert 0 < found.score <= 1


@pytest.mark.parametrize(("holds", "text"), NOT_HELD.values(), ids=NOT_HELD)
def test_an_area_does_not_hold(world: Gazetteer, holds: str, text: str) -> None:
    assert areas(world, text, area("watched", holds)) == []


def test_areas_may_overlap_and_each_scores_by_what_the_text_speaks_of(world: Gazetteer) -> None:
    text = "Shells fell on Aleppo. Paris, France, condemned it."

    wide, narrow = areas(
        world, text, area("narrow", CITY), area("wide", 'regions = ["SY", "FR"]'), area("north", 'regions = ["NO"]')
    )

    assert (wide.code, narrow.code) == ("wide", "narrow")
    assert wide.score == 1.0 > narrow.score > 0.2


def test_the_world_s_regions_are_those_without_areas_and_the_best_come_first(world: Gazetteer) -> None:
    text = {"text": "Shells fell on Aleppo. Paris, France, condemned it."}
    with_areas = tag(text, world, overlay=overlay(area("wide", 'regions = ["SY", "FR"]'))).regions

    assert [region for region in with_areas if region.kind != "area"] == list(tag(text, world).regions)
    assert sorted(with_areas, key=lambda region: -region.score) == list(with_areas)


def test_of_areas_without_number_the_best_are_told(world: Gazetteer) -> None:
    many = [area(f"north-{number}", CITY) for number in range(60)]

    found = areas(world, "Aleppo, Syria.", *many, area("best", 'regions = ["SY"]'))

    assert len(found) == 50
    assert found[0].code == "best"


def test_what_is_asked_again_and_again_gets_the_same_answer(world: Gazetteer) -> None:
    own = overlay(area("front", CITY), area("syria", 'regions = ["SY"]'))
    text = {"title": "Syrian troops", "text": "Shells fell on Aleppo, Middle East."}

    assert tag(text, world, overlay=own) == tag(text, world, overlay=own)
