"""The regions that an item is about: countries, their units, and the M49 regions around them, best first."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import TypeAlias

from wiredesk.events import Region
from wiredesk.events.kinds import RegionKind
from wiredesk.roles.geotag.mention import DEMONYM, WIDE, Mention

SURE_COUNTRY, SURE_UNIT = 0.85, 0.65
"""How likely at least one name must mean a place in it: many weak mentions make a region, a single one does not."""

SURE_ALONE, SURER = 0.5, 0.04
"""The same for a country in a text of one place, and what every further one adds: more names, more that are none."""

LEAD_CHARACTERS = 400
MIN_SHARE, MIN_UNIT_SHARE = 0.04, 0.08
"""Countries and units with less than this share of the leading one's votes are mentioned, not in focus."""

MAX_REGIONS = 20

Weighted: TypeAlias = tuple[Mention, float]
"""A mention and how much it says of what the item is about."""


class _Tally:
    """Votes by code, and how likely each name means no place there."""

    def __init__(self) -> None:
        self.votes: defaultdict[str, float] = defaultdict(float)
        self._likely: dict[str, dict[str, float]] = {}

    @property
    def names(self) -> int:
        """How many names were counted."""
        return len({name for names in self._likely.values() for name in names})

    def add(self, code: str, key: str, likely: float, weight: float) -> None:
        """A name that means a place in `code` as likely as that."""
        self.votes[code] += likely * weight
        names = self._likely.setdefault(code, {})
        names[key] = max(likely, names.get(key, 0.0))  # the same name again is wrong again

    def kept(self, least: float, share: float) -> dict[str, float]:
        """What is sure enough; where nothing is, the likeliest."""
        if not self.votes:
            return {}
        most = max(self.votes.values())
        sure = {code: 1 - math.prod(1 - likely for likely in names.values()) for code, names in self._likely.items()}
        kept = {code: votes for code, votes in self.votes.items() if sure[code] >= least and votes >= share * most}
        first = max(self.votes, key=lambda code: (self.votes[code], code))
        return kept or {first: self.votes[first]}


def weighted(title: Sequence[Mention], text: Sequence[Mention]) -> list[Weighted]:
    """Title mentions count three times, those of the lead twice."""
    return [(mention, 3.0) for mention in title] + [
        (mention, 2.0 if mention.start < LEAD_CHARACTERS else 1.0) for mention in text
    ]


def regions(mentions: Sequence[Weighted], *, names: dict[str, str]) -> tuple[Region, ...]:
    """The regions in focus; demonyms count half."""
    countries, units = _Tally(), _Tally()
    for mention, weight in mentions:
        _vote(mention, weight, countries, units)
    areas = {mention.code for mention, _ in mentions if mention.kind == WIDE}
    return _ranked(countries, units, areas, names)


def _vote(mention: Mention, weight: float, countries: _Tally, units: _Tally) -> None:
    if mention.kind == DEMONYM:
        countries.add(mention.code[:2], mention.key, mention.confidence, weight / 2)
        if len(mention.code) > 2:
            units.add(mention.code, mention.key, mention.confidence, weight / 2)
    elif mention.chosen is not None and mention.chosen.entity.country:
        entity = mention.chosen.entity
        countries.add(entity.country, mention.key, mention.confidence, weight)
        if entity.unit:
            units.add(entity.unit, mention.key, mention.confidence * mention.certainty, weight)


def _ranked(countries: _Tally, units: _Tally, areas: set[str], names: dict[str, str]) -> tuple[Region, ...]:
    total = sum(countries.votes.values())
    if not total:
        return tuple(Region(code=code, name=names.get(code, code), kind="m49", score=0.3) for code in sorted(areas))
    kept = countries.kept(min(SURE_COUNTRY, SURE_ALONE + SURER * countries.names), MIN_SHARE)
    around: defaultdict[str, float] = defaultdict(float)
    for code, count in kept.items():
        for wider in m49().get(code, ()):
            around[wider] += count
    ranked = [
        *(_region(code, count / total, "country", names) for code, count in kept.items()),
        *(
            _region(code, count / total, "unit", names)
            for code, count in units.kept(SURE_UNIT, MIN_UNIT_SHARE).items()
            if code[:2] in kept
        ),
        *(_region(code, count / total / 2, "m49", names) for code, count in around.items()),
        *(_region(code, 0.1, "m49", names) for code in areas if code not in around),
    ]
    return tuple(best_first(ranked)[:MAX_REGIONS])


def best_first(regions: Sequence[Region]) -> list[Region]:
    """By score, then by code: capitals, so those of the world, go before own ones."""
    return sorted(regions, key=lambda region: (-region.score, region.code))


def _region(code: str, score: float, kind: RegionKind, names: dict[str, str]) -> Region:
    return Region(code=code, name=names.get(code, code), kind=kind, score=round(min(1.0, score), 3))


@cache
def m49() -> dict[str, tuple[str, ...]]:
    """The M49 regions of each country, narrowest first."""
    text = files("wiredesk.roles.geotag").joinpath("data/m49.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines())
    return {country: tuple(codes.split()) for country, codes in rows}
