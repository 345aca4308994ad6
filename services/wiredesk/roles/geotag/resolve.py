"""Which spans name places, and which place each names."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from operator import mul
from typing import TypeAlias

from wiredesk.roles.geotag import features
from wiredesk.roles.geotag.cues import FEATURES
from wiredesk.roles.geotag.entities import COUNTRY, KINDS, UNIT, Entity, Found, Named
from wiredesk.roles.geotag.find import Reading
from wiredesk.roles.geotag.mention import DEMONYM, NAME, WIDE, Mention
from wiredesk.roles.geotag.weights import CHOOSE, RECOGNISE, weights

MENTION = 0.5
"""Least confidence of a mention."""

NEAR_KM = 300.0
MAX_POINTS = 40
SURE = 0.95
"""Confidence of demonyms, wide areas and abbreviations of states."""

DOUBT = 0.5
"""Weight of what the text leaves unsaid: a single other mention is no certainty."""

SPOKEN_OF = 0.1

_TOTAL = "*"

Point: TypeAlias = tuple[str, float, float]
"""The key of a mention, latitude and longitude of the place chosen for it."""

STATIC = (*KINDS, "capital", "population", "main", "largest", "share", "nobody", "capital alone")
DYNAMIC = (
    "in container",
    "not in container",
    "speaks of country",
    "speaks of unit",
    "near",
    "unit before feature",
    "city by name",
    "country spoken of",
    "spoken of",
)


class Shares:
    """How much of a text speaks of each country and unit, and where its places lie.

    Nothing speaks for itself: the shares that a name is given are those of the other names.
    """

    def __init__(self, mentions: Sequence[Mention]) -> None:
        self._all: Counter[str] = Counter()
        self._own: dict[str, Counter[str]] = {}
        for mention in mentions:
            own = self._own.setdefault(mention.key, Counter())
            for country, unit, weight in _votes(mention):
                for code in (_TOTAL, country, unit) if unit else (_TOTAL, country):
                    self._all[code] += weight  # type: ignore[assignment]
                    own[code] += weight  # type: ignore[assignment]
        self.points = _points(mentions)

    def of(self, code: str, key: str) -> float:
        """Share of the country or unit among what names other than `key` speak of, 0 to 1."""
        own = self._own[key]
        return (self._all[code] - own[code]) / (self._all[_TOTAL] - own[_TOTAL] + DOUBT)

    def support(self, mention: Mention) -> float:
        """For the place chosen, from 0 to 2."""
        assert mention.chosen is not None
        entity = mention.chosen.entity
        return self.of(entity.country, mention.key) + (self.of(entity.unit, mention.key) if entity.unit else 0.0)


def resolve(reading: Reading) -> list[Mention]:
    """The mentions that name places, each with the place chosen and a confidence from 0.5 to 1."""
    for mention in reading.mentions:
        mention.evidence = evidence(mention, reading)
        mention.confidence = logistic(mention.evidence)
    choose(reading, Shares(reading.mentions))
    support(reading.mentions, Shares(reading.mentions))
    shares = Shares(reading.mentions)  # now with what the first round found
    choose(reading, shares)
    support(reading.mentions, shares)
    return [
        mention for mention in reading.mentions
        if mention.confidence >= MENTION and (mention.chosen is not None or mention.kind in (DEMONYM, WIDE))
    ]  # fmt: skip


def logistic(odds: float) -> float:
    """Probability from log odds."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


def evidence(mention: Mention, reading: Reading) -> float:
    """Log odds for a place, by the name and where it stands."""
    if mention.found is None or mention.kind != NAME:
        return math.log(SURE / (1 - SURE))
    learned = weights(RECOGNISE)
    context = features.of_context(mention, reading)
    abroad = features.OTHER_LANGUAGE if reading.language != "en" else 0.0
    return (
        _of_name(mention.key, mention.found, reading.language)
        + abroad
        + sum(learned[name] * value for name, value in context.items() if name in learned)
    )


@lru_cache(maxsize=20_000)
def _of_name(key: str, found: Found, language: str) -> float:
    learned = weights(RECOGNISE)
    return sum(learned.get(name, 0.0) * value for name, value in features.of_name(key, found, language).items())


def support(mentions: Iterable[Mention], shares: Shares) -> None:
    """Confidence anew, by what the rest of the text says of the place chosen."""
    learned = weights(RECOGNISE)
    for mention in mentions:
        if mention.kind == NAME and mention.chosen is not None:
            added = features.of_support(mention, shares.support(mention))
            mention.confidence = logistic(
                mention.evidence + sum(learned.get(name, 0.0) * value for name, value in added.items())
            )


def choose(reading: Reading, shares: Shares) -> None:
    """The likeliest place of each mention."""
    sure: dict[str, tuple[Named, float]] = {}
    cache: dict[tuple[str, str, str], tuple[Named, float]] = {}
    for mention in reading.mentions:
        if mention.found is None:
            continue
        cue = cue_of(mention, reading)
        known = (mention.key, mention.container, cue)
        if known not in cache:
            cache[known] = _chosen(mention, cue, shares)
        mention.chosen, mention.certainty = cache[known]
        if mention.container and mention.confidence >= MENTION and is_inside(mention.chosen.entity, mention.container):
            sure[mention.key] = cache[known]
    for mention in reading.mentions:  # what a text says once where it lies is meant thereafter
        if mention.key in sure and not mention.container and mention.found is not None and not cue_of(mention, reading):
            mention.chosen, mention.certainty = sure[mention.key]


def cue_of(mention: Mention, reading: Reading) -> str:
    """`unit` before words like province, `city` beside words like town, else nothing."""
    words, first, last = reading.tokens, mention.first, mention.last
    after = words[last + 1].text.lower() if last + 1 < len(words) else ""
    before = words[first - 1].text.lower() if first else ""
    if before == "of" and first > 1:
        before = words[first - 2].text.lower()
    if before in ("city", "town", "village", "capital") or after in ("city", "town"):
        return "city"
    return "unit" if after in FEATURES or before in ("province", "state", "governorate", "region") else ""


def _chosen(mention: Mention, cue: str, shares: Shares) -> tuple[Named, float]:
    assert mention.found is not None
    candidates = mention.found.candidates
    if len(candidates) == 1:
        return candidates[0], 1.0
    learned = _dynamic_weights()
    scores = [
        known + sum(map(mul, learned, dynamic(mention, named.entity, cue, shares)))
        for known, named in zip(_static_scores(mention.found), candidates, strict=True)
    ]
    best = max(scores)
    total = sum(math.exp(score - best) for score in scores)
    return candidates[scores.index(best)], 1 / total


@lru_cache(maxsize=1)
def _dynamic_weights() -> tuple[float, ...]:
    return tuple(weights(CHOOSE).get(name, 0.0) for name in DYNAMIC)


@lru_cache(maxsize=20_000)
def _static_scores(found: Found) -> list[float]:
    learned = [weights(CHOOSE).get(name, 0.0) for name in STATIC]
    return [sum(map(mul, learned, row)) for row in static(found)]


def static(found: Found) -> list[tuple[float, ...]]:
    """Features `STATIC` of each candidate: the same in every text."""
    total = sum(named.entity.population + 1 for named in found.candidates)
    units = {named.entity.unit for named in found.candidates if named.entity.kind == UNIT}
    return [
        (
            *(float(named.entity.kind == kind) for kind in KINDS), float(named.entity.is_capital), math.log10(named.entity.population + 1),
            float(named.is_main), float(named.entity.population == found.population),
            (named.entity.population + 1) / total, float(named.entity.population == 0),
            # Washington: capital, while the unit of that name lies elsewhere.
            float(named.entity.is_capital and bool(units) and named.entity.unit not in units),
        )
        for named in found.candidates
    ]  # fmt: skip


def dynamic(mention: Mention, entity: Entity, cue: str, shares: Shares) -> tuple[float, ...]:
    """Features `DYNAMIC` of a candidate: what the text says for it."""
    inside = bool(mention.container) and is_inside(entity, mention.container)
    country = shares.of(entity.country, mention.key)
    return (
        float(inside), float(bool(mention.container) and not inside), country,
        shares.of(entity.unit, mention.key) if entity.unit else 0.0, 
        # Places across a border are near as well, but measuring all of them costs more than they bring.
        _nearness(mention.key, entity, shares.points) if country else 0.0,
        float(cue == "unit" and entity.kind == UNIT),
        float(cue == "city" and entity.kind not in (UNIT, COUNTRY)),
        float(entity.kind == COUNTRY) * country, float(country > SPOKEN_OF),
    )  # fmt: skip


def is_inside(entity: Entity, container: str) -> bool:
    """Whether it lies in the country or unit of that code, and is not that itself."""
    if entity.kind == COUNTRY or (entity.kind == UNIT and entity.unit == container):
        return False
    return container in (entity.country, entity.unit)


def _votes(mention: Mention) -> Iterable[tuple[str, str, float]]:
    if mention.kind == DEMONYM:
        yield mention.code[:2], mention.code if len(mention.code) > 2 else "", 0.6
    elif mention.kind != WIDE and mention.confidence >= 0.3 and mention.found is not None:
        if mention.chosen is not None:
            entity = mention.chosen.entity
            yield entity.country, entity.unit, mention.confidence * mention.certainty
        else:
            entities = _prominent(mention.found, mention.container)
            for entity in entities:
                yield entity.country, entity.unit, mention.confidence / len(entities)


def _prominent(found: Found, container: str) -> list[Entity]:
    entities = [named.entity for named in found.candidates]
    if container:
        entities = [entity for entity in entities if is_inside(entity, container)] or entities
    most = max(entity.population for entity in entities)
    return [entity for entity in entities if entity.population >= most / 10][:5]


def _points(mentions: Iterable[Mention]) -> Collection[Point]:
    found = {
        (mention.key, entity.latitude, entity.longitude)
        for mention in mentions
        if mention.chosen and mention.confidence >= MENTION and mention.certainty > 0.5
        and (entity := mention.chosen.entity).kind not in (COUNTRY, UNIT)
        and entity.latitude is not None and entity.longitude is not None
    }  # fmt: skip
    return sorted(found)[:MAX_POINTS]


KM_A_DEGREE = 111.19  # of latitude, rounded down


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


def forget_weights() -> None:
    """Read the table anew: it was fitted."""
    for cached in (_of_name, _dynamic_weights, _static_scores):
        cached.cache_clear()
