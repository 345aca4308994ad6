"""Decides whether the later of two similar articles is a copy, or brings something new.

Two linear models over the same features, trained on wire copies, corrections and templates (5-fold by cluster:
same text precision .987, recall .983): is it the same text at all, and if so, is it an update of it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from wiredesk.roles.dedupe.compare import Likeness

COPY, UPDATE = "copy", "update"

SAME_TEXT: Mapping[str, float] = {
    "new_covered": -1.1385,
    "old_covered": -0.2848,
    "best": 2.1776,
    "worst": -3.6008,
    "substituted": 1.5056,
    "new_numbers": -0.7334,
    "old_numbers": -0.4200,
    "numbers": 0.2650,
    "names": -2.6239,
    "numbers*best": 6.6621,
    "names*best": 3.1450,
    "title": 5.9114,
    "short": -3.2036,
    "short*title": 1.5680,
    "short*best": -0.9456,
    "short*substituted": -0.4058,
    "late": -3.9341,
    "late*best": -3.0310,
    "late*short": 1.9360,
    "growth": -0.4832,
    "best*substituted": -1.3209,
    "numbers*names": 2.3586,
    "common": 3.4265,
}
SAME_TEXT_BIAS = -7.9298
SAME_TEXT_LEAST = 1.386
"""Log odds of .8: measured, the best of one setting for both wire templates and rewritten copies."""

NEWS_IN_IT: Mapping[str, float] = {
    "new_covered": 4.1129,
    "old_covered": -1.9156,
    "best": 4.6077,
    "worst": -2.4104,
    "substituted": -7.5447,
    "new_numbers": 0.5319,
    "old_numbers": 1.4369,
    "numbers": -2.9088,
    "names": -0.9810,
    "numbers*best": -3.8974,
    "names*best": 6.5609,
    "title": 0.6398,
    "short": 3.9668,
    "short*title": -0.0548,
    "short*best": -5.9656,
    "short*substituted": 4.9678,
    "late": 0.1981,
    "late*best": -0.1545,
    "late*short": 1.0073,
    "growth": 4.3277,
    "best*substituted": 18.3751,
    "numbers*names": -2.6834,
    "common": -1.5356,
}
NEWS_IN_IT_BIAS = -6.8710
NEWS_IN_IT_LEAST = 0.4055
"""Log odds of .6."""

GREW = 1.35
"""The growth by which a text says more than the earlier one: a flash and the full report."""


def decide(like: Likeness) -> tuple[str, float]:
    """`copy`, `update` or nothing, and the log odds that it is the same text."""
    features = _features(like)
    odds = SAME_TEXT_BIAS + sum(weight * features[name] for name, weight in SAME_TEXT.items())
    if odds < SAME_TEXT_LEAST or is_template(like):
        return "", odds
    if like.corrects or is_renumbered(like) or has_grown(like):
        return UPDATE, odds
    news = NEWS_IN_IT_BIAS + sum(weight * features[name] for name, weight in NEWS_IN_IT.items())
    return (UPDATE if news > NEWS_IN_IT_LEAST else COPY), odds


def probability(odds: float) -> float:
    """The probability, 0 to 1, of log odds."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


def is_template(like: Likeness) -> bool:
    """Whether it is short and its numbers differ."""
    # Forty-word notices of two companies differ in their numbers alone.
    return (
        like.is_short
        and not like.corrects
        and like.numbers.substituted > 0
        and like.best < 0.97
        and like.numbers.ratio < 0.67
    )


def is_renumbered(like: Likeness) -> bool:
    """Whether numbers stand in the place of others in a text otherwise the same: figures were corrected."""
    return bool(like.numbers.substituted) and like.best >= 0.85


def has_grown(like: Likeness) -> bool:
    """Whether it holds most of the earlier text and a good deal more."""
    return like.old_covered >= 0.72 and like.growth >= GREW


def _features(like: Likeness) -> dict[str, float]:
    substituted = min(like.numbers.substituted, 4) / 4
    numbers, names, best = like.numbers.ratio, like.names.ratio, like.best
    short, late = float(like.is_short), float(like.is_late)
    return {
        "new_covered": like.new_covered,
        "old_covered": like.old_covered,
        "best": best,
        "worst": like.worst,
        "substituted": substituted,
        "new_numbers": min(like.numbers.only_new, 6) / 6,
        "old_numbers": min(like.numbers.only_old, 6) / 6,
        "numbers": numbers,
        "names": names,
        "numbers*best": numbers * best,
        "names*best": names * best,
        "title": like.title,
        "short": short,
        "short*title": short * like.title,
        "short*best": short * best,
        "short*substituted": short * substituted,
        "late": late,
        "late*best": late * best,
        "late*short": late * short,
        "growth": min(2.0, like.growth),
        "best*substituted": best * substituted,
        "numbers*names": numbers * names,
        "common": min(like.common, 40) / 40,
    }
