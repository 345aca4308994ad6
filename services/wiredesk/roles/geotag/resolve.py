"""Which spans name places, and which place each names."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import TypeAlias

from wiredesk.roles.geotag import hand
from wiredesk.roles.geotag.cues import CALENDAR, FEATURES, LOCATIVE, ORGANISATIONS, SPEAKING, TITLES
from wiredesk.roles.geotag.entities import COUNTRY, UNIT, Entity, Named
from wiredesk.roles.geotag.find import ABBREVIATION, DEMONYM, WIDE, Mention, Reading

MENTION = 0.5
"""Least confidence of a mention."""

NEAR_KM = 300.0

Point: TypeAlias = tuple[str, float, float]
"""The key of a mention, latitude and longitude of the place chosen for it."""


def resolve(reading: Reading) -> list[Mention]:
    """The mentions that name places, each with the place chosen and a confidence from 0.5 to 1."""
    for mention in reading.mentions:
        mention.confidence = _recognised(mention, reading)
    likely = [mention for mention in reading.mentions if mention.confidence >= MENTION]
    for _ in range(2):  # the second time with what the first found
        countries, units = _shares(likely)
        points = _points(likely)
        for mention in likely:
            if mention.candidates:
                mention.chosen = _chosen(mention, countries, units, points)
    return [mention for mention in likely if mention.chosen is not None or mention.kind in (DEMONYM, WIDE)]


def _recognised(mention: Mention, reading: Reading) -> float:
    """How likely the span names a place: additive evidence through a logistic function."""
    if mention.kind in (DEMONYM, WIDE, ABBREVIATION):
        return 0.95
    return 1 / (1 + math.exp(-sum(evidence(mention, reading).values())))


def evidence(mention: Mention, reading: Reading) -> Mapping[str, float]:
    """What speaks for (positive) and against (negative) the span as a place, in log odds."""
    before, after = mention.before.lower().rstrip("."), mention.after.lower()
    population = max((named.entity.population for named in mention.candidates), default=0)
    is_country = any(named.entity.kind == COUNTRY and named.is_main for named in mention.candidates)
    is_unit = any(named.entity.kind == UNIT and named.is_main for named in mention.candidates)
    is_single = mention.first == mention.last
    found = {
        "prior": -0.6,
        "population": 0.42 * (math.log10(population + 1) - 4),
        "country": 2.6 if is_country else 0.0,
        "unit": 0.9 if is_unit else 0.0,
        "other name": 0.0 if any(named.is_main for named in mention.candidates) else -1.0,
        "locative": 1.7 if before in LOCATIVE else 0.0,
        "contained": 2.2 if mention.container or mention.is_contained else 0.0,
        "long": 0.6 if not is_single else 0.0,
        "again": 0.35 * min(3, reading.counts[mention.key] - 1),
        "feature": 1.0 if after in FEATURES else 0.0,
        "title": -3.0 if before in TITLES else 0.0,
        "organisation": -1.8 if mention.after.lower() in ORGANISATIONS and mention.after[:1].isupper() else 0.0,
        "speaks": -0.6 if after in SPEAKING else 0.0,
    }
    if is_single:
        is_word = mention.text.lower() in reading.lower
        found["word"] = -3.0 if is_word else 0.0
        found["calendar"] = -6.0 if mention.key in CALENDAR else 0.0
        found["begins sentence"] = -0.5 if mention.begins_sentence and not is_country else 0.0
        found["short"] = -1.2 if len(mention.key) <= 3 and not is_country else 0.0
        found["name before"] = _name_before(mention) if not is_country else 0.0
        found["name after"] = _name_after(mention) if not is_country else 0.0
    return found


def _name_before(mention: Mention) -> float:
    # "Alfred Aleppo": a capitalised word right before, that is no preposition and begins no sentence, is a first name.
    word = mention.before
    if not word or not word[0].isupper() or mention.begins_sentence or word.lower().rstrip(".") in LOCATIVE:
        return 0.0
    return -2.0 if word.lower() not in ("the", "northern", "southern", "eastern", "western", "north", "south", "east",
                                        "west", "central", "upper", "lower", "greater", "new", "old") else 0.4  # fmt: skip


def _name_after(mention: Mention) -> float:
    word = mention.after
    if not word or not word[0].isupper() or word.lower() in FEATURES:
        return 0.0
    return -1.6


KM_A_DEGREE = 111.19  # of latitude, rounded down


def _shares(mentions: Iterable[Mention]) -> tuple[dict[str, float], dict[str, float]]:
    """How much of the text speaks of each country and unit, the largest 1."""
    countries: Counter[str] = Counter()
    units: Counter[str] = Counter()
    for mention in mentions:
        if mention.kind == DEMONYM:
            countries[hand.DEMONYMS[mention.key]] += 1
            continue
        entities = [mention.chosen.entity] if mention.chosen else _prominent(mention)
        for entity in entities:
            weight = mention.confidence / len(entities) * (2.0 if mention.container else 1.0)
            countries[entity.country] += weight  # type: ignore[assignment]
            if entity.unit:
                units[entity.unit] += weight  # type: ignore[assignment]
    return _scaled(countries), _scaled(units)


def _prominent(mention: Mention) -> list[Entity]:
    entities = [named.entity for named in mention.candidates if _fits(named.entity, mention.container)]
    entities = entities or [named.entity for named in mention.candidates]
    most = max((entity.population for entity in entities), default=0)
    return [entity for entity in entities if entity.population >= most / 10][:5]


def _scaled(counts: Counter[str]) -> dict[str, float]:
    most = max(counts.values(), default=1)
    return {code: count / most for code, count in counts.items()}


def _points(mentions: Iterable[Mention]) -> set[Point]:
    return {
        (mention.key, entity.latitude, entity.longitude)
        for mention in mentions
        if mention.chosen and (entity := mention.chosen.entity).latitude is not None and entity.longitude is not None
    }


def _chosen(
    mention: Mention, countries: Mapping[str, float], units: Mapping[str, float], points: Collection[Point]
) -> Named:
    def score(named: Named) -> float:
        entity = named.entity
        found = 0.55 * math.log10(entity.population + 1) + (1.2 if named.is_main else 0.0)
        found += {COUNTRY: 3.0, UNIT: 0.4}.get(entity.kind, 0.0)
        found += 2.2 * countries.get(entity.country, 0.0) + 1.0 * units.get(entity.unit, 0.0)
        if mention.container:
            found += 6.0 if _fits(entity, mention.container) and entity.kind != COUNTRY else -3.0
        if entity.kind == UNIT and mention.after.lower() in FEATURES:
            found += 2.0
        if mention.before.lower() in ("city", "town", "village") or mention.after.lower() in ("city", "town"):
            found += 1.0 if entity.kind not in (UNIT, COUNTRY) else -1.0
        return found + 0.8 * _nearness(mention.key, entity, points)

    return max(mention.candidates, key=lambda named: (score(named), -named.number))


def _fits(entity: Entity, container: str) -> bool:
    return container in (entity.country, entity.unit) if container else True


def _nearness(key: str, entity: Entity, points: Collection[Point]) -> float:
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
    one, two = math.radians(latitude), math.radians(other_latitude)
    half = (
        math.sin((two - one) / 2) ** 2
        + math.cos(one) * math.cos(two) * math.sin(math.radians(other_longitude - longitude) / 2) ** 2
    )
    return 12_742 * math.asin(min(1.0, math.sqrt(half)))
