"""Which regions an item is about: countries, their units, and the M49 regions around them, best first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from wiredesk.events import Region
from wiredesk.roles.geotag.mention import DEMONYM, WIDE, Mention

REGION_CONFIDENCE = 0.62
"""Least confidence of a mention that votes: weak mentions dilute the set (measured; more than a mention needs)."""

LEAD_CHARACTERS = 400
MIN_SHARE = 0.12
"""Countries and units with less than this share of the leading one's votes are mentioned, not in focus."""

MAX_REGIONS = 20


@dataclass(frozen=True, slots=True)
class _Vote:
    country: str
    unit: str
    weight: float


def regions(title: Sequence[Mention], text: Sequence[Mention], *, names: dict[str, str]) -> tuple[Region, ...]:
    """The regions in focus; title mentions count three times, those of the lead twice, demonyms half."""
    votes = [_vote(mention, 3.0) for mention in title]
    votes += [_vote(mention, 2.0 if mention.start < LEAD_CHARACTERS else 1.0) for mention in text]
    countries: Counter[str] = Counter()
    units: Counter[str] = Counter()
    for vote in votes:
        if vote is not None:
            countries[vote.country] += vote.weight  # type: ignore[assignment]
            if vote.unit:
                units[vote.unit] += vote.weight  # type: ignore[assignment]
    areas = {mention.code for mention in (*title, *text) if mention.kind == WIDE}
    return _ranked(countries, units, areas, names)


def _vote(mention: Mention, weight: float) -> _Vote | None:
    if mention.confidence < REGION_CONFIDENCE:
        return None
    if mention.kind == DEMONYM:
        return _Vote(mention.code[:2], mention.code if len(mention.code) > 2 else "", weight / 2)
    if mention.chosen is None or not mention.chosen.entity.country:
        return None
    entity = mention.chosen.entity
    return _Vote(entity.country, entity.unit, weight * mention.confidence)


def _ranked(countries: Counter[str], units: Counter[str], areas: set[str], names: dict[str, str]) -> tuple[Region, ...]:
    total = sum(countries.values())
    if not total:
        return tuple(Region(code=code, name=names.get(code, code), kind="m49", score=0.3) for code in sorted(areas))
    kept = {code: count for code, count in countries.items() if count >= MIN_SHARE * max(countries.values())}
    around: Counter[str] = Counter()
    for code, count in kept.items():
        for wider in m49().get(code, ()):
            around[wider] += count
    most_units = max(units.values(), default=1)
    found = [
        *(_region(code, count / total, "country", names) for code, count in kept.items()),
        *(_region(code, count / total, "unit", names) for code, count in units.items()
          if code[:2] in kept and count >= MIN_SHARE * most_units),
        *(_region(code, count / total / 2, "m49", names) for code, count in around.items()),
        *(_region(code, 0.1, "m49", names) for code in areas if code not in around),
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda region: (-region.score, region.code))[:MAX_REGIONS])


def _region(code: str, score: float, kind: str, names: dict[str, str]) -> Region:
    return Region(code=code, name=names.get(code, code), kind=kind, score=round(min(1.0, score), 3))


@cache
def m49() -> dict[str, tuple[str, ...]]:
    """The M49 regions of each country, narrowest first."""
    text = files("wiredesk.roles.geotag").joinpath("data/m49.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines())
    return {country: tuple(codes.split()) for country, codes in rows}
