"""Toponym resolution: which spans name places, and which place each names."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from operator import mul

from wiredesk.roles.geotag import features
from wiredesk.roles.geotag.context import Shares, is_inside, near_source, nearness
from wiredesk.roles.geotag.entities import COUNTRY, KINDS, UNIT, Entity, Named, Recognised
from wiredesk.roles.geotag.lexicon import FEATURES, LISTED
from wiredesk.roles.geotag.mention import DEMONYM, MENTION, NAME, UNLISTED, WIDE, Mention
from wiredesk.roles.geotag.prior import NOTHING, Prior
from wiredesk.roles.geotag.recognise import ReadText
from wiredesk.roles.geotag.weights import CHOOSE, RECOGNISE, weights

SURE = 0.95
"""Confidence of demonyms, wide areas and abbreviations of states."""

UNSURE = 0.6
"""Confidence of places that no gazetteer lists."""

SPOKEN_OF = 0.1

HOMONYM = -1.5
"""For countries that another language calls like a city elsewhere, as Arabic Oman and Amman: English has no examples."""

HOPELESS = -4.0
"""Log odds; what the rest of a text adds is less."""

STATIC = (*KINDS, "capital", "population", "main", "nobody", "capital alone")
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
    "source country",
    "source unit",
    "source near",
    "source meant",
)


def resolve(reading: ReadText, prior: Prior = NOTHING, *, least: float = HOPELESS) -> list[Mention]:
    """The mentions that name places, each with the place chosen and a confidence from 0.5 to 1.

    Those of less evidence than `least` are given up: nothing that the text says elsewhere would save them.
    """
    for mention in reading.mentions:
        mention.evidence = evidence(mention, reading)
        mention.confidence = logistic(mention.evidence)
    reading.mentions[:] = [mention for mention in reading.mentions if mention.evidence >= least]
    _enlist(reading)
    choose(reading, Shares(reading.mentions, prior))
    support(reading.mentions, Shares(reading.mentions, prior))
    shares = Shares(reading.mentions, prior)  # now with what the first round found
    choose(reading, shares)
    support(reading.mentions, shares)
    return [
        mention
        for mention in reading.mentions
        if mention.confidence >= MENTION and (mention.chosen is not None or mention.kind in (DEMONYM, WIDE, UNLISTED))
    ]


def logistic(odds: float) -> float:
    """Probability from log odds."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


def _enlist(reading: ReadText) -> None:
    """Places are listed with places, and people with people."""
    for before, after in pairwise(reading.mentions):
        if not before.container and reading.text[before.end : after.start] in LISTED:
            after.listed = max(after.listed, before.confidence)
            before.listed = max(before.listed, after.confidence)


def evidence(mention: Mention, reading: ReadText) -> float:
    """Log odds for a place, by the name and where it stands."""
    if mention.kind == UNLISTED:
        return math.log(UNSURE / (1 - UNSURE))
    if mention.lookup is None or mention.kind != NAME:
        return math.log(SURE / (1 - SURE))
    learned = weights(RECOGNISE)
    context = features.of_context(mention, reading)
    abroad = features.OTHER_LANGUAGE if reading.language != "en" else 0.0
    return (
        _of_name(mention.key, mention.lookup, reading.language)
        + abroad
        + sum(learned[name] * value for name, value in context.items() if name in learned)
    )


@lru_cache(maxsize=20_000)
def _of_name(key: str, lookup: Recognised, language: str) -> float:
    learned = weights(RECOGNISE)
    return sum(learned.get(name, 0.0) * value for name, value in features.of_name(key, lookup, language).items())


def support(mentions: Iterable[Mention], shares: Shares) -> None:
    """Confidence anew, by what the rest of the text says of the place chosen."""
    learned = weights(RECOGNISE)
    for mention in mentions:
        if mention.kind == NAME and mention.chosen is not None:
            added = features.of_support(mention, shares)
            mention.confidence = logistic(
                mention.evidence + sum(learned.get(name, 0.0) * value for name, value in added.items())
            )


def choose(reading: ReadText, shares: Shares) -> None:
    """The likeliest place of each mention."""
    sure: dict[str, tuple[Named, float]] = {}
    cache: dict[tuple[str, str, str], tuple[Named, float]] = {}
    for mention in reading.mentions:
        if mention.lookup is None:
            continue
        cue = cue_of(mention, reading)
        known = (mention.key, mention.container, cue)
        if known not in cache:
            cache[known] = _chosen(mention, cue, shares)
        mention.chosen, mention.certainty = cache[known]
        if mention.container and mention.confidence >= MENTION and is_inside(mention.chosen.entity, mention.container):
            sure[mention.key] = cache[known]
    for mention in reading.mentions:  # what a text says once where it lies is meant thereafter
        if (
            mention.key in sure
            and not mention.container
            and mention.lookup is not None
            and not cue_of(mention, reading)
        ):
            mention.chosen, mention.certainty = sure[mention.key]


def cue_of(mention: Mention, reading: ReadText) -> str:
    """`unit` before words like province, `city` beside words like town, else nothing."""
    words, first, last = reading.words.texts, mention.first, mention.last
    after = words[last + 1].lower() if last + 1 < len(words) else ""
    before = words[first - 1].lower() if first else ""
    if before == "of" and first > 1:
        before = words[first - 2].lower()
    if before in ("city", "town", "village", "capital") or after in ("city", "town"):
        return "city"
    return "unit" if after in FEATURES or before in ("province", "state", "governorate", "region") else ""


def _chosen(mention: Mention, cue: str, shares: Shares) -> tuple[Named, float]:
    assert mention.lookup is not None
    candidates = mention.lookup.candidates
    if len(candidates) == 1:
        return candidates[0], 1.0
    learned = _dynamic_weights()
    scores = _static_scores(mention.lookup)
    heard = shares.countries_but_for(mention.key)
    is_told = bool(cue or mention.container)
    if is_told or heard:
        scores = [
            known + sum(map(mul, learned, dynamic(mention, named.entity, cue, shares)))
            if is_told or named.entity.country in heard
            else known
            for known, named in zip(scores, candidates, strict=True)
        ]
    best = max(scores)
    chosen = candidates[scores.index(best)]
    likely = [math.exp(score - best) for score in scores]
    # A city and the unit of its name are one for what a text is about.
    same = sum(
        each
        for each, named in zip(likely, candidates, strict=True)
        if named.entity.unit == chosen.entity.unit and named.entity.country == chosen.entity.country
    )
    return chosen, same / sum(likely)


@lru_cache(maxsize=1)
def _dynamic_weights() -> tuple[float, ...]:
    return tuple(weights(CHOOSE).get(name, 0.0) for name in DYNAMIC)


@lru_cache(maxsize=20_000)
def _static_scores(lookup: Recognised) -> list[float]:
    learned = [weights(CHOOSE).get(name, 0.0) for name in STATIC]
    return [
        sum(map(mul, learned, row))
        + (HOMONYM if named.entity.kind == COUNTRY and not named.is_main and len(lookup.candidates) > 1 else 0.0)
        for row, named in zip(static(lookup), lookup.candidates, strict=True)
    ]


def static(lookup: Recognised) -> list[tuple[float, ...]]:
    """Features `STATIC` of each candidate: the same in every text."""
    units = {named.entity.unit for named in lookup.candidates if named.entity.kind == UNIT}
    return [
        (
            *(float(named.entity.kind == kind) for kind in KINDS),
            float(named.entity.is_capital),
            math.log10(named.entity.population + 1),
            float(named.is_main),
            float(named.entity.population == 0),
            # Washington: capital, while the unit of that name lies elsewhere.
            float(named.entity.is_capital and bool(units) and named.entity.unit not in units),
        )
        for named in lookup.candidates
    ]


def dynamic(mention: Mention, entity: Entity, cue: str, shares: Shares) -> tuple[float, ...]:
    """Features `DYNAMIC` of a candidate: what the text says for it."""
    inside = bool(mention.container) and is_inside(entity, mention.container)
    country = shares.of(entity.country, mention.key)
    return (
        float(inside),
        float(bool(mention.container) and not inside),
        country,
        shares.of(entity.unit, mention.key) if entity.unit else 0.0,
        # Places across a border are near as well, but measuring all of them costs more than they bring.
        nearness(mention.key, entity, shares.points) if country else 0.0,
        float(cue == "unit" and entity.kind == UNIT),
        float(cue == "city" and entity.kind not in (UNIT, COUNTRY)),
        float(entity.kind == COUNTRY) * country,
        float(country > SPOKEN_OF),
        *_by_prior(mention, entity, shares.prior),
    )


def _by_prior(mention: Mention, entity: Entity, prior: Prior) -> tuple[float, float, float, float]:
    if prior is NOTHING:
        return (0.0, 0.0, 0.0, 0.0)
    return (
        prior.countries.get(entity.country, 0.0),
        prior.units.get(entity.unit, 0.0) if entity.unit else 0.0,
        near_source(entity, prior),
        prior.meant.get((mention.key, entity.geoname_id), 0.0),
    )


def forget_weights() -> None:
    """Read the table anew: it was fitted."""
    for cached in (_of_name, _dynamic_weights, _static_scores):
        cached.cache_clear()
