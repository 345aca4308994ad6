"""What the gazetteer knows of a place."""

from __future__ import annotations

from dataclasses import dataclass

COUNTRY, UNIT, CITY, AREA = "country", "unit", "city", "area"
KINDS = (COUNTRY, UNIT, CITY, AREA)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A place: country ISO 3166-1, unit ISO 3166-2; 0 population where unknown."""

    kind: str
    name: str
    geoname_id: int | None
    latitude: float | None
    longitude: float | None
    country: str
    unit: str
    population: int


@dataclass(frozen=True, slots=True)
class Named:
    """A place that a name may mean; `is_main` where it is its usual name."""

    number: int
    entity: Entity
    is_main: bool
