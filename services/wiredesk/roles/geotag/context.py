"""The context of a mention: the countries, units and points that the rest of the text speaks of."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from typing import TypeAlias

from wiredesk.roles.geotag.entities import COUNTRY, UNIT, Entity, Recognised
from wiredesk.roles.geotag.mention import DEMONYM, MENTION, WIDE, Mention
from wiredesk.roles.geotag.prior import NOTHING, Prior

NEAR_KM = 300.0
NEAR_SOURCE_KM = 150.0
MAX_POINTS = 40
VOTES = 0.3
"""Confidence from which a mention speaks for its country."""

DOUBT = 0.5
"""Weight of what the text leaves unsaid: a single other mention is no certainty."""

_TOTAL = "*"
_NONE: dict[str, float] = {}

Coordinates: TypeAlias = tuple[str, float, float]
"""The key of a mention, latitude and longitude of the place chosen for it."""


class Shares:
    """How much of a text speaks of each country and unit, and where its places lie.

    Nothing speaks for itself: the shares that a name is given are those of the other names.
    """

    def __init__(self, mentions: Sequence[Mention], prior: Prior = NOTHING) -> None:
        self.prior = prior
        self._all: dict[str, float] = {_TOTAL: 0.0}
        self._own: dict[str, dict[str, float]] = {}
        for mention in mentions:
            for country, unit, weight in _votes(mention):
                own = self._own.setdefault(mention.key, {})
                for code in (_TOTAL, country, unit) if unit else (_TOTAL, country):
                    self._all[code] = self._all.get(code, 0.0) + weight
                    own[code] = own.get(code, 0.0) + weight
        self.points = _points(mentions)

    def of(self, code: str, key: str) -> float:
        """Share of the country or unit among what names other than `key` speak of, 0 to 1."""
        spoken = self._all.get(code)
        if not spoken:
            return 0.0
        own = self._own.get(key, _NONE)
        return (spoken - own.get(code, 0.0)) / (self._all[_TOTAL] - own.get(_TOTAL, 0.0) + DOUBT)

    def countries_but_for(self, key: str) -> Collection[str]:
        """The countries that names other than `key`, or what is known before, speak of."""
        own = self._own.get(key, _NONE)
        heard = {code for code, spoken in self._all.items() if len(code) == 2 and spoken > own.get(code, 0.0)}
        return heard.union(self.prior.countries)

    def support(self, mention: Mention) -> float:
        """For the place chosen, from 0 to 2."""
        assert mention.chosen is not None
        entity = mention.chosen.entity
        return self.of(entity.country, mention.key) + (self.of(entity.unit, mention.key) if entity.unit else 0.0)


def is_inside(entity: Entity, container: str) -> bool:
    """Whether it lies in the country or unit of that code, and is not that itself."""
    if entity.kind == COUNTRY or (entity.kind == UNIT and entity.unit == container):
        return False
    return container in (entity.country, entity.unit)


def _votes(mention: Mention) -> Iterable[tuple[str, str, float]]:
    if mention.kind == DEMONYM:
        yield mention.code[:2], mention.code if len(mention.code) > 2 else "", 0.6
    elif mention.kind != WIDE and mention.confidence >= VOTES and mention.lookup is not None:
        if mention.chosen is not None:
            entity = mention.chosen.entity
            yield entity.country, entity.unit, mention.confidence * mention.certainty
        else:
            entities = _prominent(mention.lookup, mention.container)
            for entity in entities:
                yield entity.country, entity.unit, mention.confidence / len(entities)


def _prominent(lookup: Recognised, container: str) -> list[Entity]:
    entities = [named.entity for named in lookup.candidates]
    if container:
        entities = [entity for entity in entities if is_inside(entity, container)] or entities
    most = max(entity.population for entity in entities)
    return [entity for entity in entities if entity.population >= most / 10][:5]


def _points(mentions: Iterable[Mention]) -> Collection[Coordinates]:
    points = {
        (mention.key, entity.latitude, entity.longitude)
        for mention in mentions
        if mention.chosen
        and mention.confidence >= MENTION
        and mention.certainty > 0.5
        and (entity := mention.chosen.entity).kind not in (COUNTRY, UNIT)
        and entity.latitude is not None
        and entity.longitude is not None
    }
    return sorted(points)[:MAX_POINTS]


KM_A_DEGREE = 111.19  # of latitude, rounded down


def nearness(key: str, entity: Entity, points: Collection[Coordinates]) -> float:
    """From 0, where none of the points is near, to 1."""
    if entity.latitude is None or entity.longitude is None:
        return 0.0
    best = NEAR_KM
    for other, latitude, longitude in points:
        # The difference in latitude alone is less than the distance, and cheaper to tell.
        if other != key and abs(entity.latitude - latitude) * KM_A_DEGREE < best:
            best = min(best, kilometres(entity.latitude, entity.longitude, latitude, longitude))
    return 1 - best / NEAR_KM


def kilometres(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Great-circle distance (haversine)."""
    first, second = math.radians(latitude), math.radians(other_latitude)
    half = (
        math.sin((second - first) / 2) ** 2
        + math.cos(first) * math.cos(second) * math.sin(math.radians(other_longitude - longitude) / 2) ** 2
    )
    return 12_742 * math.asin(min(1.0, math.sqrt(half)))


def near_source(entity: Entity, prior: Prior) -> float:
    """How near it lies to what its source mostly speaks of, 0 to 1."""
    if entity.latitude is None or entity.longitude is None:
        return 0.0
    best = 0.0
    for latitude, longitude, weight in prior.points:
        if weight > best and abs(entity.latitude - latitude) * KM_A_DEGREE < NEAR_SOURCE_KM:
            distance = kilometres(entity.latitude, entity.longitude, latitude, longitude)
            best = max(best, weight * (1 - distance / NEAR_SOURCE_KM))
    return best
