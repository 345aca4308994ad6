"""Watch areas: regions of the operator's own, by codes and shapes, and which of them a text is about."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, TypeAlias

from wiredesk.events import Region
from wiredesk.roles.geotag.entities import CITY, COUNTRY, UNIT, Entity, Recognised
from wiredesk.roles.geotag.focus import Weighted, best_first, m49
from wiredesk.roles.geotag.mention import DEMONYM, WIDE, Mention
from wiredesk.roles.geotag.shapes import Circle, Polygon

LIKELY = 0.5
"""How likely at least one name must mean a place in an area: likelier than not, as who draws one misses nothing gladly."""

MOST_AREAS = 50
"""The best of one text: a record has its bounds."""

KEPT = 50_000
"""The size of the cache of areas by meaning: texts name the same places again and again."""

Spot: TypeAlias = tuple[str, str, float | None, float | None]
"""Country, unit, latitude, longitude; unit and the last two may be missing."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Area:
    """What lies in any of the regions or shapes, without what lies in regions of `without`.

    Regions are ISO 3166-1, ISO 3166-2 and M49 codes. Compared by identity.
    """

    code: str
    name: str
    regions: frozenset[str] = frozenset()
    shapes: tuple[Circle | Polygon, ...] = ()
    without: frozenset[str] = frozenset()


class Share(Enum):
    """How much of what a name means an area holds: a country of which it leaves out a part may mean that part."""

    WHOLE = "whole"
    PART = "part"
    NOTHING = "nothing"


class Held(NamedTuple):
    """An area and what it holds: by which code, where by a shape that of the unit, and whether it is wider than a unit's."""

    area: Area
    share: Share
    code: str
    is_wide: bool


class _Vote(NamedTuple):
    area: Area
    code: str
    key: str
    likely: float
    weight: float


@dataclass(slots=True)
class _Count:
    votes: float = 0.0
    likely: dict[str, float] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)

    def add(self, vote: _Vote) -> None:
        self.votes += vote.likely * vote.weight
        # The same name again is wrong again.
        self.likely[vote.key] = max(vote.likely, self.likely.get(vote.key, 0.0))
        self.codes.add(vote.code)

    @property
    def sure(self) -> float:
        return 1 - math.prod(1 - each for each in self.likely.values())


class Watch:
    """The watch areas, indexed by the places of one gazetteer."""

    def __init__(self, areas: Sequence[Area] = ()) -> None:
        self.areas = tuple(areas)
        self._by_code: dict[str, list[Area]] = {}
        for area in areas:
            for code in area.regions:
                self._by_code.setdefault(code, []).append(area)
        self._cut = {area: {code[:2] for code in area.without if "-" in code} for area in areas}
        self._shapes = [(shape.south, shape.north, shape, area) for area in areas for shape in area.shapes]
        self._kept: dict[tuple[str, int | str], tuple[Held, ...]] = {}

    def holding(self, spot: Spot) -> list[Held]:
        """The areas that hold it, or would but for what they are without."""
        country, unit, latitude, longitude = spot
        codes = (unit, country, *m49().get(country, ()))
        units: dict[Area, str] = {}
        for code in codes:
            for area in self._by_code.get(code, ()):
                units.setdefault(area, code)
        if latitude is not None and longitude is not None:
            for south, north, shape, area in self._shapes:
                if south <= latitude <= north and area not in units and shape.holds(latitude, longitude):
                    units[area] = unit
        return [Held(area, self._share(area, codes, spot), code, code != unit) for area, code in units.items()]

    def _share(self, area: Area, codes: Sequence[str], spot: Spot) -> Share:
        if not area.without.isdisjoint(codes):
            return Share.NOTHING
        country, unit, latitude, _ = spot
        return Share.PART if not unit and latitude is None and country in self._cut[area] else Share.WHOLE

    def in_focus(self, weighted: Sequence[Weighted], regions: Iterable[Region]) -> list[Region]:
        """Each area that a name likely means a place in, or whose places lie in a unit, or a region listed, that is in focus.

        The score is the share of what the text speaks of.
        """
        held_areas = [(mention, weight, held) for mention, weight in weighted if (held := self._held(mention))]
        if not held_areas:
            return []
        votes: list[_Vote] = []
        parts: list[_Vote] = []
        missed: set[Area] = set()
        for mention, weight, held in held_areas:
            for area, share, code, is_wide in held:
                # Which unit a name means may be open while the country is not.
                likely = mention.confidence if is_wide else mention.confidence * mention.certainty
                vote = _Vote(area, code, mention.key, likely, _weight(mention, weight))
                if share is Share.NOTHING:
                    missed.add(area)
                else:
                    (votes if share is Share.WHOLE else parts).append(vote)
        # Idlib, Syria: where the part left out is named, so much of the country may be that part.
        votes += [vote for vote in parts if vote.area not in missed]
        return _counted(votes, _spoken_of(weighted), regions)

    def _held(self, mention: Mention) -> tuple[Held, ...]:
        """The areas of what a mention means."""
        if mention.chosen is None and mention.kind not in (DEMONYM, WIDE):
            return ()
        meaning = (mention.key, mention.chosen.number if mention.chosen is not None else mention.code)
        areas = self._kept.get(meaning)
        if areas is None:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            areas = self._kept[meaning] = tuple(self._meant(mention))
        return areas

    def _meant(self, mention: Mention) -> Iterable[Held]:
        if mention.kind == WIDE:
            return [
                Held(area, Share.PART if area.without else Share.WHOLE, mention.code, True)
                for area in self._by_code.get(mention.code, ())
            ]
        if mention.kind == DEMONYM:
            spot: Spot = (mention.code[:2], mention.code if len(mention.code) > 2 else "", None, None)
            return [held._replace(is_wide=True) for held in self.holding(spot)]  # a demonym is sure of its code
        assert mention.chosen is not None
        held: dict[Area, Held] = {}
        for spot in _spots(mention.chosen.entity, mention.lookup):
            for candidate in self.holding(spot):
                if candidate.area not in held or held[candidate.area].share is Share.NOTHING:
                    held[candidate.area] = candidate
        return held.values()


def _spoken_of(weighted: Iterable[Weighted]) -> float:
    """The votes of all mentions that have a location."""
    return sum(
        mention.confidence * _weight(mention, weight)
        for mention, weight in weighted
        if mention.kind in (DEMONYM, WIDE) or (mention.chosen is not None and mention.chosen.entity.country)
    )


def _weight(mention: Mention, weight: float) -> float:
    return weight / 2 if mention.kind == DEMONYM else weight


def _counted(votes: Sequence[_Vote], total: float, regions: Iterable[Region]) -> list[Region]:
    if not votes:
        return []
    counts: dict[Area, _Count] = {}
    for vote in votes:
        counts.setdefault(vote.area, _Count()).add(vote)
    focus = {region.code for region in regions}
    scored = [
        Region(code=area.code, name=area.name, kind="area", score=round(min(1.0, count.votes / total), 3))
        for area, count in counts.items()
        if count.sure >= LIKELY or not focus.isdisjoint(count.codes)
    ]
    return scored if len(scored) <= MOST_AREAS else best_first(scored)[:MOST_AREAS]


def _spots(entity: Entity, lookup: Recognised | None) -> Iterable[Spot]:
    """Where a place lies; of a country or unit also the city that its name may as well mean."""
    if entity.kind not in (COUNTRY, UNIT):
        yield _spot(entity)
        return
    # The middle of a country is no place in it.
    yield entity.country, entity.unit, None, None
    for named in lookup.candidates if lookup is not None else ():
        if named.entity.kind == CITY and _is_namesake(named.entity, entity):
            yield _spot(named.entity)


def _spot(entity: Entity) -> Spot:
    return entity.country, entity.unit, entity.latitude, entity.longitude


def _is_namesake(city: Entity, region: Entity) -> bool:
    """Whether a text that says the region may as well mean the city: Aleppo, Singapore, but not Mexico."""
    if region.kind == UNIT:
        return city.unit == region.unit
    return city.country == region.country and city.population * 2 >= region.population > 0
