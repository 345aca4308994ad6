"""The prior of a text: the places of its source's earlier texts, or the regions of the article that it comments on.

A paper of Dublin, Ohio, hardly ever means the capital of Ireland; a comment under a report from Aleppo means the Bab of
that province. Measured on local news: two in five wrong places become right ones.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from wiredesk.events import Place, Region
from wiredesk.roles.geotag.entities import AREA, CITY
from wiredesk.roles.geotag.folding import fold

MIN_CONFIDENCE = 0.6
"""Of a place that a source is remembered by."""

MAX_REMEMBERED = 400
"""Places after which a source's counts are halved: papers move, and feeds change hands."""

MAX_POINTS = 12
DOUBT = 2
"""Places that a source must have named before half of what it says counts."""

T = TypeVar("T")

Meaning = tuple[str, int | None]
"""A folded name and the GeoNames id of what it meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """Shares from 0 to 1: of countries, of units, of what a name meant; points with their weights."""

    countries: Mapping[str, float] = field(default_factory=dict)
    units: Mapping[str, float] = field(default_factory=dict)
    points: Sequence[tuple[float, float, float]] = ()
    meant: Mapping[Meaning, float] = field(default_factory=dict)

    def support(self, country: str, unit: str) -> float:
        """For a place in that country and unit, from 0 to 2."""
        return self.countries.get(country, 0.0) + (self.units.get(unit, 0.0) if unit else 0.0)


NOTHING = Prior()


def of_focus(regions: Iterable[Region]) -> Prior:
    """What an article is about, for its comments."""
    shares = {region.code: region.score for region in regions if region.kind in ("country", "unit")}
    return Prior(
        countries={code: share for code, share in shares.items() if len(code) == 2},
        units={code: share for code, share in shares.items() if len(code) > 2},
    )


class Sources:
    """Where the texts of each source were so far; the least recent of too many sources is forgotten.

    Kept by the process alone: after a start it is learnt anew in a few texts.
    """

    def __init__(self, *, max_sources: int = 5_000) -> None:
        self._max = max_sources
        self._counts: OrderedDict[str, _Counts] = OrderedDict()

    def prior(self, source: str) -> Prior:
        """Of the next text of that source."""
        counts = self._counts.get(source)
        return counts.prior() if counts is not None else NOTHING

    def learn(self, source: str, places: Iterable[Place]) -> None:
        """Remember where a text was, each name once."""
        if not source:
            return
        counts = self._counts.setdefault(source, _Counts())
        self._counts.move_to_end(source)
        if len(self._counts) > self._max:
            self._counts.popitem(last=False)
        once = {
            (fold(place.text), place.geoname_id): place
            for place in places
            if place.confidence >= MIN_CONFIDENCE and place.kind not in ("demonym", "wide")
        }
        for meaning, place in once.items():
            counts.add(meaning, place)


class _Counts:
    def __init__(self) -> None:
        self.countries: Counter[str] = Counter()
        self.units: Counter[str] = Counter()
        self.points: Counter[tuple[float, float]] = Counter()
        self.meanings: Counter[Meaning] = Counter()
        self.names: Counter[str] = Counter()
        self._prior: Prior | None = None

    def add(self, meaning: Meaning, place: Place) -> None:
        self._prior = None
        self.meanings[meaning] += 1
        self.names[meaning[0]] += 1
        if place.country:
            self.countries[place.country] += 1
        if place.unit:
            self.units[place.unit] += 1
        if place.kind in (CITY, AREA) and place.latitude is not None and place.longitude is not None:
            self.points[round(place.latitude, 1), round(place.longitude, 1)] += 1
        if self.countries.total() > MAX_REMEMBERED:
            self._halve()

    def _halve(self) -> None:
        self.countries, self.units, self.names = _half(self.countries), _half(self.units), _half(self.names)
        self.points, self.meanings = _half(self.points), _half(self.meanings)

    def prior(self) -> Prior:
        if self._prior is None:
            countries, units = self.countries.total() + DOUBT, self.units.total() + DOUBT
            most = max(self.points.values(), default=0) + 1
            self._prior = Prior(
                countries={code: count / countries for code, count in self.countries.items()},
                units={code: count / units for code, count in self.units.items()},
                points=[(*point, count / most) for point, count in self.points.most_common(MAX_POINTS)],
                meant={key: count / (self.names[key[0]] + 1) for key, count in self.meanings.items()},
            )
        return self._prior


def _half(counts: Counter[T]) -> Counter[T]:
    return Counter({key: count // 2 for key, count in counts.items() if count > 1})
