"""Own places and ignored names, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.roles.geotag.overlays import overlay, place
from wiredesk.events import Place
from wiredesk.roles.geotag.gazetteer import Gazetteer
from wiredesk.roles.geotag.overlay import Overlay
from wiredesk.roles.geotag.tag import Tagged, tag


@pytest.fixture(scope="module")
def world(gazetteer: Path) -> Iterator[Gazetteer]:
    """The place names, opened once."""
    with Gazetteer(gazetteer) as opened:
        yield opened


def places(world: Gazetteer, text: str, own: Overlay) -> list[Place]:
    return list(tag({"text": text}, world, overlay=own).places)


def texts(world: Gazetteer, text: str, own: Overlay) -> list[str]:
    return [place.text for place in places(world, text, own)]


def codes(tagged: Tagged) -> set[str]:
    return {region.code for region in tagged.regions if region.kind in ("country", "unit")}


FOUND = {
    "a village that the world does not list": ("Kaljibreen", "Shells fell on Kaljibreen at dawn.", "Kaljibreen"),
    "by another of its names": ("Kaljibreen", "القصف على كلجبرين مستمر", "كلجبرين"),
    "inflected": ("Kaljibreen", "Обстрел Кальджибрина продолжается", "Кальджибрина"),
    "without its accents": ("Ḩarbal", "Two hurt in Harbal.", "Harbal"),
    "with an 's": ("Harbal", "Harbal's mayor resigned.", "Harbal"),
    "of two words, in capitals": ("Kafr Kalbin", "TWO HURT IN KAFR KALBIN", "KAFR KALBIN"),
    "beginning with a small letter": ("al-Nayrab camp", "Aid reached the al-Nayrab camp today.", "al-Nayrab camp"),
    "ending with a small letter": ("Camp seven", "Aid reached Camp seven today.", "Camp seven"),
    "of more words than the world has behind the first": (
        "Kaljibreen Fuel Depot",
        "Kaljibreen Fuel Depot burns.",
        "Kaljibreen Fuel Depot",
    ),
    "where it seems a word": ("Market", "The Market was shelled.", "Market"),
    "where it seems a person": ("Marea", "Mr Marea was silent.", "Marea"),
    "of two letters": ("Or", "They live in Or.", "Or"),
    "an adjective": ("Georgian", "Georgian was evacuated.", "Georgian"),
    "a wide area": ("Middle East", "Fire at Middle East again.", "Middle East"),
}


@pytest.mark.parametrize(("name", "text", "shown"), FOUND.values(), ids=FOUND)
def test_an_own_place_is_found(world: Gazetteer, name: str, text: str, shown: str) -> None:
    own = overlay(place(name, more='other_names = ["كلجبرين", "Кальджибрин"]'))

    (found,) = (one for one in places(world, text, own) if one.text == shown)

    assert (found.name, found.kind, found.country, found.unit) == (name, "city", "SY", "SY-HL")
    assert (found.latitude, found.longitude) == (36.293, 37.044)
    assert text[found.start : found.end] == shown


NOT_FOUND = {
    "in small letters where it has a capital": ("Market", "They went to the market."),
    "where a word within has a capital in the name alone": ("old Mill", "The old mill was shelled."),
    "in a capital where it has capitals": ("IT", "It rained on the Rhine."),
    "within a longer word": ("Mar", "The Market was shelled."),
    "across a full stop": ("Kafr Kalbin", "He left Kafr. Kalbin stayed."),
}


@pytest.mark.parametrize(("name", "text"), NOT_FOUND.values(), ids=NOT_FOUND)
def test_an_own_place_is_not_found(world: Gazetteer, name: str, text: str) -> None:
    assert name not in {found.name for found in places(world, text, overlay(place(name)))}


def test_an_own_place_wins_over_the_world_s_of_its_name(world: Gazetteer) -> None:
    text = "Fighting in Tripoli continues, Libya says."

    assert {one.country for one in places(world, text, overlay()) if one.text == "Tripoli"} == {"LY"}
    assert {one.country for one in places(world, text, overlay(place("Tripoli"))) if one.text == "Tripoli"} == {"SY"}


def test_an_own_place_speaks_for_its_country_and_unit(world: Gazetteer) -> None:
    tagged = tag({"text": "Shells fell on Kaljibreen."}, world, overlay=overlay(place("Kaljibreen")))

    assert codes(tagged) == {"SY", "SY-HL"}


def test_of_two_own_places_of_one_name_the_text_tells_which(world: Gazetteer) -> None:
    lebanese = 'country = "LB"\nunit = "LB-AS"\nlatitude = 34.4\nlongitude = 35.9\n'
    own = overlay(place("Kafr Xyz"), place("Kafr Xyz", where=lebanese))

    there, _, here, _ = places(world, "Fire in Kafr Xyz, Lebanon, and in Kafr Xyz, Syria.", own)

    assert (there.country, here.country) == ("LB", "SY")


def test_an_own_place_has_the_kind_and_the_number_that_it_is_given(world: Gazetteer) -> None:
    own = overlay(place("Al Dhafra Base", more='kind = "air base"\ngeoname_id = 7'))

    (found,) = places(world, "Jets left Al Dhafra Base.", own)

    assert (found.kind, found.geoname_id) == ("air base", 7)


IGNORED = {
    "a name": ("Mosul", "Mosul is closed, say police in Aleppo.", ["Aleppo"]),
    "a longer name with the shorter one in it": ("Aleppo Soap", "In Aleppo Soap sells. Aleppo mourns.", ["Aleppo"]),
    "but not the longer name": ("York", "Rain in New York and York.", ["New York"]),
    "an adjective": ("Syrian", "Syrian bread is sold in Aleppo.", ["Aleppo"]),
    "an abbreviation": ("D.C.", "D.C. police went to Aleppo.", ["Aleppo"]),
    "a wide area": ("Europe", "Europe sings in Aleppo.", ["Aleppo"]),
    "a place by the words around it": ("Kaljibreen", "Shells hit the village of Kaljibreen near Aleppo.", ["Aleppo"]),
    "an inflected name": ("Москва", "Москвой любуются в Алеппо", ["Алеппо"]),
}


@pytest.mark.parametrize(("name", "text", "left"), IGNORED.values(), ids=IGNORED)
def test_what_is_ignored_is_no_place(world: Gazetteer, name: str, text: str, left: list[str]) -> None:
    assert texts(world, text, overlay()) != left
    assert texts(world, text, overlay(f'ignore = ["{name}"]')) == left


def test_what_an_own_place_changes_in_other_texts_is_nothing(world: Gazetteer) -> None:
    text = "Police in Cambridge, Massachusetts, and al-Bab, Syria, said the old market of Aleppo burned."
    own = overlay(place("al-Nayrab camp"), place("old mill"), place("Camp seven"))

    assert tag({"text": text}, world, overlay=own) == tag({"text": text}, world)
