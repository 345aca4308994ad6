"""What a places file may say, and where one is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.roles.geotag.overlays import area, overlay, place
from wiredesk.errors import Misconfigured
from wiredesk.query import evaluate, parse
from wiredesk.query.match import document
from wiredesk.roles.geotag.places_toml import read_file

CIRCLE = "circles = [{ latitude = 36, longitude = 37, km = 5 }]"


def test_a_file_of_comments_is_a_file_without_places() -> None:
    read = overlay("# nothing yet")

    assert (read.places, read.watch.areas, read.ignored) == ((), (), frozenset())


def test_codes_are_read_in_any_case() -> None:
    where = 'country = "sy"\nunit = "sy-hl"\nlatitude = 36\nlongitude = 37'
    read = overlay(place("Anadan", where=where), area("front", 'regions = ["lb", "sy-id"]\nwithout = ["lb-as"]'))

    assert (read.places[0].entity.country, read.places[0].entity.unit) == ("SY", "SY-HL")
    assert read.watch.areas[0].regions == {"LB", "SY-ID"}
    assert read.watch.areas[0].without == {"LB-AS"}


FAULTS = {
    "no TOML": ("[[place", "places.toml: "),
    "an unknown table": ('[[plaice]]\nname = "x"', "unknown 'plaice', expected ignore, [[place]] and [[area]]"),
    "one table instead of a list": ("[place]", "write [[place]], not [place]"),
    "an unknown field": (place("Anadan", more='names = ["x"]'), "line 3: unknown field 'names'; did you mean name?"),
    "ignore behind a table": (
        area("front", CIRCLE) + 'ignore = ["x"]',
        "line 5: ignore belongs above the first [[place]] and [[area]]",
    ),
    "ignore that is no list": ('\nignore = "Paris"', "line 2: ignore = 'Paris': not a list of texts"),
    "a name that is ignored as well": (
        'ignore = ["anadan"]\n' + place("Anadan"),
        "line 1: ignore: 'anadan' is a name of a [[place]] as well",
    ),
    "no name": ('[[place]]\ncountry = "SY"', "line 1: place: name = None: not a text"),
    "a name that no text could be seen to hold": (
        place("Anadan (Syria)"),
        "line 2: name: 'Anadan (Syria)' would never be found: expected words",
    ),
    "another name of signs alone": (
        place("Anadan", more='other_names = ["…"]'),
        "line 3: other_names: '…' would never",
    ),
    "a latitude beyond a pole": (
        place("Anadan", where='country = "SY"\nlatitude = 91\nlongitude = 3'),
        "line 5: place Anadan: latitude = 91: not degrees from -90 to 90",
    ),
    "no longitude": (
        place("Anadan", where='country = "SY"\nlatitude = 9'),
        "line 1: place Anadan: longitude = None: not degrees",
    ),
    "a latitude that is no number": (
        place("Anadan", where='country = "SY"\nlatitude = nan\nlongitude = 3'),
        "line 5: place Anadan: latitude = nan",
    ),
    "a country that is none": (
        place("Anadan", where='country = "Syria"'),
        "line 4: place Anadan: country: 'Syria' is no ISO 3166 or M49 code",
    ),
    "a region of M49 as a country": (place("Anadan", where='country = "145"'), "country = '145': expected ISO 3166-1"),
    "a unit that is none": (
        place("Anadan", where='country = "SY"\nunit = "SY-XX"'),
        "line 5: place Anadan: unit: 'SY-XX' is no ISO 3166",
    ),
    "a unit elsewhere": (
        place("Anadan", where='country = "SY"\nunit = "LB-AS"'),
        "line 5: place Anadan: unit = 'LB-AS'",
    ),
    "a kind that means more than a point": (place("Anadan", more='kind = "country"'), "line 3: place Anadan: kind ="),
    "a number of GeoNames that is none": (
        place("Anadan", more="geoname_id = -1"),
        "line 3: place Anadan: geoname_id = -1",
    ),
    "a code like one of ISO 3166-2": (area("al-bab", CIRCLE), "line 2: code = 'al-bab': expected 3 to 64 of a-z, 0-9"),
    "a code like one of ISO 3166-1": (area("sy", CIRCLE), "line 2: code = 'sy'"),
    "a code like one of M49": (area("145", CIRCLE), "line 2: code = '145'"),
    "a code in capitals": (area("FRONT", CIRCLE), "line 2: code = 'FRONT'"),
    "a code twice": (area("front", CIRCLE) * 2, "line 6: area front stands here twice"),
    "an area of nothing": (area("front", ""), "line 1: area front: neither regions nor circles nor a polygon"),
    "a region that is none": (
        area("front", 'regions = ["SY-HX"]'),
        "line 4: area front: regions: 'SY-HX' is no ISO 3166 or M49 code known; did",
    ),
    "without what is none": (area("front", f'{CIRCLE}\nwithout = ["XX"]'), "line 5: area front: without: 'XX' is no"),
    "a circle of no size": (
        area("front", "circles = [{ latitude = 36, longitude = 37, km = 0 }]"),
        "line 4: area front: circles: km = 0",
    ),
    "a circle in other words": (
        area("front", "circles = [{ lat = 36, lon = 37, km = 5 }]"),
        "line 4: area front: circles: unknown field 'lat'",
    ),
    "a circle that is no table": (
        area("front", "circles = [36, 37, 5]"),
        "line 4: area front: circles: expected a list",
    ),
    "a polygon with longitude first": (
        area("front", "polygon = [[-122.4, 37.8], [-122.0, 37.8], [-122.0, 37.0]]"),
        "line 4: area front: polygon: [-122.4, 37.8]: expected [latitude, longitude]",
    ),
    "a polygon of two corners": (area("front", "polygon = [[1, 2], [3, 4]]"), "line 4: area front: polygon: 2 corners"),
}


@pytest.mark.parametrize(("text", "reason"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_file_is_refused_with_line_and_reason(text: str, reason: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        overlay(text)

    assert str(refused.value).startswith("places.toml")
    assert reason in str(refused.value)


@pytest.mark.parametrize("code", ["front", "front-north", "a1b", "north-2", "al-bab2", "sy-idlib"])
def test_a_code_that_is_allowed_is_one_that_rules_can_ask_for(code: str) -> None:
    (found,) = overlay(area(code, CIRCLE)).watch.areas
    text = document(texts={}, facts={"region": [found.code]})

    assert evaluate(parse(f"region:{code.upper()}"), text) is not None
    assert evaluate(parse(f"region:{code[:2]}"), text) is None


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"places\.toml: No such file"):
        read_file(tmp_path / "places.toml")
