"""The places file: own places, watch areas, and names that are never places.

ignore = ["Paris Hilton"]

[[place]]
name = "Anadan"
country = "SY"
unit = "SY-HL"
latitude = 36.293
longitude = 37.044

[[area]]
code = "aleppo-front"
name = "Front at Aleppo"
circles = [{ latitude = 36.2, longitude = 37.16, km = 40 }]
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TypeGuard

from wiredesk.errors import nearest
from wiredesk.query.regions import is_of_world, region_key
from wiredesk.roles.geotag.areas import Area
from wiredesk.roles.geotag.compile import unit_rows
from wiredesk.roles.geotag.entities import CITY, COUNTRY, UNIT, Entity
from wiredesk.roles.geotag.focus import m49
from wiredesk.roles.geotag.folding import fold
from wiredesk.roles.geotag.mention import DEMONYM, WIDE
from wiredesk.roles.geotag.overlay import Overlay, OwnPlace
from wiredesk.roles.geotag.recognise import can_be_found
from wiredesk.roles.geotag.shapes import Circle, Point, Polygon
from wiredesk.toml_file import Fault, TomlFile, body_of, only

PLACE_FIELDS = ("name", "other_names", "latitude", "longitude", "country", "unit", "kind", "geoname_id")
AREA_FIELDS = ("code", "name", "regions", "circles", "polygon", "without")
CIRCLE_FIELDS = ("latitude", "longitude", "km")
CODE = re.compile(r"[a-z][a-z0-9-]{2,63}")
KIND = re.compile(r"[a-z][a-z -]{0,31}")
NOT_OWN = (COUNTRY, UNIT, DEMONYM, WIDE)
"""Kinds that mean more than a point."""

MOST_KM = 20_000
MOST_NAME_BYTES = 200


def read_file(path: Path) -> Overlay:
    """What `path` says. Raises `Misconfigured` with the line and the reason."""
    return from_toml(body_of(path), name=str(path))


def from_toml(body: bytes, *, name: str) -> Overlay:
    """`ignore`, the `[[place]]` and the `[[area]]` tables. Raises `Misconfigured`: `name`, line and reason."""
    file = TomlFile(body, name=name)
    file.expect(("ignore", "place", "area"), what="ignore, [[place]] and [[area]] tables")
    places = file.tables("place", _place)
    own = {fold(each) for place in places for each in place.names}
    return Overlay(
        places=places,
        areas=file.tables("area", _area, unique="code"),
        ignored=file.top("ignore", lambda value: _ignored(value, own)) or (),
    )


@cache
def known_codes() -> frozenset[str]:
    """Every ISO 3166-1, ISO 3166-2 and M49 code that an article can have in focus."""
    units = {iso for iso, *_ in unit_rows()}
    return frozenset({*m49(), *units, *(code for codes in m49().values() for code in codes)})


def _ignored(value: object, own: set[str]) -> tuple[str, ...]:
    names = _texts(value, "ignore")
    for name in names:
        _findable(name, "ignore")
        if fold(name) in own:
            raise Fault(f"ignore: {name!r} is a name of a [[place]] as well", field="ignore")
    return names


def _place(table: Mapping[str, object]) -> OwnPlace:
    _only(table, PLACE_FIELDS)
    name = _findable(_text(table, "name", "place"), "name")
    about = f"place {name}"
    others = _texts(table.get("other_names", []), "other_names", about)
    for other in others:
        _findable(other, "other_names")
    country = _code(_text(table, "country", about), "country", about)
    unit = _code(_text(table, "unit", about), "unit", about) if "unit" in table else ""
    if len(country) != 2:
        raise Fault(f"{about}: country = {country!r}: expected ISO 3166-1, such as SY", field="country")
    if unit and not unit.startswith(f"{country}-"):
        raise Fault(f"{about}: unit = {unit!r}: not in {country}", field="unit")
    latitude, longitude = _point(table, about)
    entity = Entity(
        kind=_kind(table, about),
        name=name,
        geoname_id=_geoname_id(table, about),
        latitude=latitude,
        longitude=longitude,
        country=country,
        unit=unit,
        population=0,
    )
    return OwnPlace(entity=entity, names=(name, *others))


def _area(table: Mapping[str, object]) -> Area:
    _only(table, AREA_FIELDS)
    code = table.get("code")
    if not isinstance(code, str) or not CODE.fullmatch(code) or is_of_world(code):
        raise Fault(
            f"code = {code!r}: expected 3 to 64 of a-z, 0-9 and -, a letter first, and not the form of ISO 3166-2"
            " (two letters, a hyphen, up to three letters or digits)",
            field="code",
        )
    about = f"area {code}"
    regions, without = (
        frozenset(_code(each, field, about) for each in _texts(table.get(field, []), field, about))
        for field in ("regions", "without")
    )
    shapes: list[Circle | Polygon] = [*_circles(table, about)]
    if "polygon" in table:
        shapes.append(_polygon(table["polygon"], about))
    if not regions and not shapes:
        raise Fault(f"{about}: neither regions nor circles nor a polygon: it would hold nothing")
    return Area(code=code, name=_text(table, "name", about), regions=regions, shapes=tuple(shapes), without=without)


def _circles(table: Mapping[str, object], about: str) -> list[Circle]:
    circles = table.get("circles", [])
    shown = "expected a list such as [{ latitude = 36.2, longitude = 37.16, km = 40 }]"
    if not isinstance(circles, list) or not all(isinstance(element, Mapping) for element in circles):
        raise Fault(f"{about}: circles: {shown}", field="circles")
    areas = []
    for element in circles:
        for field in element:
            if field not in CIRCLE_FIELDS:
                raise Fault(f"{about}: circles: unknown field {field!r}; {shown}", field="circles")
        km = element.get("km")
        if not _is_number(km) or not 0 < km <= MOST_KM:
            raise Fault(f"{about}: circles: km = {km!r}: not more than 0 and at most {MOST_KM}", field="circles")
        latitude, longitude = _point(element, f"{about}: circles", field="circles")
        areas.append(Circle(latitude=latitude, longitude=longitude, km=float(km)))
    return areas


def _polygon(value: object, about: str) -> Polygon:
    if not isinstance(value, list):
        raise Fault(f"{about}: polygon: expected a list of [latitude, longitude]", field="polygon")
    points: list[Point] = []
    for corner in value:
        is_pair = isinstance(corner, list) and len(corner) == 2 and all(_is_number(each) for each in corner)
        if not is_pair or not (-90 <= corner[0] <= 90 and -180 <= corner[1] <= 180):
            raise Fault(
                f"{about}: polygon: {corner!r}: expected [latitude, longitude], from -90 to 90 and from -180 to 180;"
                " GeoJSON has them the other way round",
                field="polygon",
            )
        points.append((float(corner[0]), float(corner[1])))
    try:
        return Polygon(points)
    except ValueError as error:
        raise Fault(f"{about}: polygon: {error}", field="polygon") from error


def _point(table: Mapping[str, object], about: str, *, field: str = "") -> Point:
    numbers = []
    for name, most in (("latitude", 90), ("longitude", 180)):
        value = table.get(name)
        if not _is_number(value) or not -most <= value <= most:
            raise Fault(f"{about}: {name} = {value!r}: not degrees from {-most} to {most}", field=field or name)
        numbers.append(float(value))
    return numbers[0], numbers[1]


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _code(code: str, field: str, about: str) -> str:
    key = region_key(code)
    if key not in known_codes():
        raise Fault(
            f"{about}: {field}: {code!r} is no ISO 3166 or M49 code known{nearest(key, known_codes())}", field=field
        )
    return key


def _kind(table: Mapping[str, object], about: str) -> str:
    kind = table.get("kind", CITY)
    if not isinstance(kind, str) or not KIND.fullmatch(kind) or kind in NOT_OWN:
        raise Fault(
            f"{about}: kind = {kind!r}: expected 1 to 32 of a-z, space and -, and none of {', '.join(NOT_OWN)}",
            field="kind",
        )
    return kind


def _geoname_id(table: Mapping[str, object], about: str) -> int | None:
    number = table.get("geoname_id")
    if number is None:
        return None
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 2**31:
        raise Fault(f"{about}: geoname_id = {number!r}: not a number above 0", field="geoname_id")
    return number


def _findable(name: str, field: str) -> str:
    if not can_be_found(name) or len(name.encode()) > MOST_NAME_BYTES:
        raise Fault(
            f"{field}: {name!r} would never be found: expected words joined by spaces or hyphens, "
            f"at most {MOST_NAME_BYTES} bytes",
            field=field,
        )
    return name


def _text(table: Mapping[str, object], field: str, about: str) -> str:
    value = table.get(field)
    if not isinstance(value, str) or not value.strip():
        raise Fault(f"{about}: {field} = {value!r}: not a text", field=field)
    return value.strip()


def _texts(value: object, field: str, about: str = "") -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(element, str) for element in value):
        raise Fault(f"{about + ': ' if about else ''}{field} = {value!r}: not a list of texts", field=field)
    return tuple(dict.fromkeys(element.strip() for element in value))


def _only(table: Mapping[str, object], fields: tuple[str, ...]) -> None:
    if "ignore" in table:
        raise Fault("ignore belongs above the first [[place]] and [[area]]", field="ignore")
    only(table, fields)
