"""What the gazetteer knows of a place, and of a name."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

COUNTRY, UNIT, CITY, AREA = "country", "unit", "city", "area"
KINDS = (COUNTRY, UNIT, CITY, AREA)
CAPITAL = "capital"

KNOWN_ABROAD = 50_000
"""People of a place that other languages have a name of their own for."""


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
    is_capital: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """A place that a name may mean; `is_main` where it is its usual name."""

    number: int
    entity: Entity
    is_main: bool


class Recognised:
    """The places that a name may mean, and what they have in common."""

    def __init__(self, candidates: Sequence[Named]) -> None:
        self.candidates = candidates

    @cached_property
    def population(self) -> int:
        """Of the largest."""
        return max(named.entity.population for named in self.candidates)

    @cached_property
    def magnitude(self) -> float:
        """Decimal logarithm of the largest population."""
        return math.log10(self.population + 1)

    @cached_property
    def kind(self) -> str:
        """The highest kind that has it as its usual name; empty where it is a by-name only."""
        return _highest(named.entity for named in self.candidates if named.is_main)

    @cached_property
    def kind_abroad(self) -> str:
        """The same for texts in other languages than English, where a by-name may be the usual one."""
        return _highest(
            named.entity for named in self.candidates if named.is_main or named.entity.population >= KNOWN_ABROAD
        )

    def is_large(self, population: int) -> bool:
        """Whether it names a country, a unit or a place of so many people."""
        return self.population >= population or any(named.entity.kind in (COUNTRY, UNIT) for named in self.candidates)


def _highest(entities: Iterable[Entity]) -> str:
    kinds = {CAPITAL if entity.is_capital else entity.kind for entity in entities}
    return next((kind for kind in (COUNTRY, CAPITAL, UNIT, AREA, CITY) if kind in kinds), "")
