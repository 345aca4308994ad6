"""Features that speak for or against a span as the name of a place; their weights are learned.

Features of the name alone, of its context, and of what the rest of the text says are apart: the first are the same
wherever the name stands, the last are known only when places have been chosen.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from wiredesk.roles.geotag.context import Shares
from wiredesk.roles.geotag.demonyms import ENGLISH
from wiredesk.roles.geotag.entities import CAPITAL, COUNTRY, UNIT, Recognised
from wiredesk.roles.geotag.folding import FoldedWords, has_case
from wiredesk.roles.geotag.language import calendar, common_words
from wiredesk.roles.geotag.lexicon import (
    DIRECTIONS,
    FEATURES,
    GIVEN,
    LOCATIVE,
    NOUNS,
    OPENING,
    ORGANISATIONS,
    SPEAKING,
    STREETS,
    TITLES,
)
from wiredesk.roles.geotag.mention import Mention
from wiredesk.roles.geotag.prior import NOTHING
from wiredesk.roles.geotag.recognise import ReadText

_SENTENCE_END = re.compile('[.!?:\n\u201c"\u3002]')
_RUN = frozenset({" ", "-", ". "})
MAX_RUN = 5
CAPITAL_NOUNS = frozenset({"de", "lb"})

OTHER_LANGUAGE = 1.2
"""Log odds for names in other languages than the one learned from, whose words around them say nothing."""

Features = dict[str, float]


def kind_of(lookup: Recognised, language: str) -> str:
    """The highest kind of place that a text in this language may mean by it."""
    return (lookup.kind if language == "en" else lookup.kind_abroad) or "by-name"


def of_name(key: str, lookup: Recognised, language: str) -> Features:
    """Features of a folded name."""
    words = key.split()
    kind = kind_of(lookup, language)
    features = {
        "bias": 1.0,
        f"kind {kind}": 1.0,
        "population": lookup.magnitude,
        f"length {min(len(key), 9)}": 1.0,
        f"size {int(lookup.magnitude)}": 1.0,
        "means many": float(len(lookup.candidates) > 5),
    }
    if len(words) == 1:
        features |= {
            "single": 1.0,
            "given": float(key in GIVEN),
            "calendar": float(key in calendar(language)),
            "common": float(key in common_words(language)),
            "direction": float(key in DIRECTIONS),
        }
        if kind not in (COUNTRY, CAPITAL, UNIT):  # those are known, whatever they sound like: Beijing, Russia
            features[f"ending {key[-3:]}"] = 1.0
    else:
        features[f"last {words[-1]}"] = 1.0
        features["begins given"] = float(words[0] in GIVEN)
        features["all common"] = float(all(word in common_words(language) for word in words))
    return features


class Around(NamedTuple):
    """The words before and after, in small letters where they are joined by a space, and what the gaps end in."""

    before: str
    after: str
    gap_before: str
    gap_after: str
    begins_sentence: bool
    name_before: bool
    name_after: bool


def around(mention: Mention, reading: ReadText) -> Around:
    """The words around a mention."""
    text, words, first, last = reading.text, reading.words, mention.first, mention.last
    gap_before = text[words.end(first - 1) : mention.start] if first else "\n"
    gap_after = text[mention.end : words.starts[last + 1]] if last + 1 < len(words) else "\n"
    before = words.texts[first - 1] if first and gap_before in (" ", ". ", "\u00a0") else ""
    after = words.texts[last + 1] if gap_after == " " else ""
    begins = first == 0 or (gap_before != ". " and _SENTENCE_END.search(gap_before) is not None)
    has_capitals = reading.language not in CAPITAL_NOUNS and has_case(mention.text)
    return Around(
        before.lower(),
        after.lower(),
        gap_before.strip()[-1:],
        gap_after.strip()[:1],
        begins,
        bool(has_capitals and before and before[0].isupper() and not begins and before.lower() not in LOCATIVE)
        and not _opens(text, reading, first - 1),
        bool(has_capitals and after and after[0].isupper()),
    )


def _opens(text: str, reading: ReadText, at: int) -> bool:
    """Whether a word has its capital only because it opens a sentence."""
    words = reading.words
    gap = text[words.end(at - 1) : words.starts[at]] if at else "\n"
    low = words.texts[at].lower()
    return _SENTENCE_END.search(gap) is not None and (low in OPENING or low in reading.lower) and low not in TITLES


def of_context(mention: Mention, reading: ReadText) -> Features:
    """Features of a mention's surroundings."""
    assert mention.lookup is not None
    near = around(mention, reading)
    is_single = mention.first == mention.last
    kind = kind_of(mention.lookup, reading.language)
    shape = f"{near.name_before:d}{near.name_after:d}"
    values: Features = {
        f"shape {shape}{is_single:d}{near.begins_sentence:d}": 1.0,
        f"kind shape {kind} {shape}": 1.0,
        f"before {near.before or near.gap_before}": 1.0,
        f"after {near.after or near.gap_after}": 1.0,
        f"again {min(reading.counts[mention.key], 4)}": 1.0,
        "contained": float(bool(mention.container)),
        "contains": float(mention.is_contained),
        "possessive": float(near.gap_after in ("'", "\u2019")),
    }
    noun = (
        reading.words.texts[mention.first - 2].lower()
        if near.before in ("of", "de", "di") and mention.first > 1
        else near.before
    )
    if noun in NOUNS:
        values["noun"] = 1.0
    if near.before in LOCATIVE:
        values |= {"locative": 1.0, "locative population": mention.lookup.magnitude, f"locative {shape}": 1.0}
    if near.name_before or near.name_after:
        _neighbours(values, near)
        values["neighbour population"] = mention.lookup.magnitude
        _run(values, reading, mention)
    elif near.after in FEATURES:
        values["feature"] = 1.0
    if near.after in SPEAKING:
        values |= {"speaks": 1.0, f"speaks {kind}": 1.0}
    if is_single:
        _single(values, mention, reading, near, kind)
    if len(mention.text) > 3 and mention.text.isupper() and mention.text.lower() != mention.text:
        values["capitals"] = 1.0
    _second(values, reading, mention, near)
    return values


def _second(values: Features, reading: ReadText, mention: Mention, near: Around) -> None:
    words, first, last = reading.words.texts, mention.first, mention.last
    if first > 1 and near.before:
        values[f"second before {words[first - 2].lower()}"] = 1.0
    if near.after and last + 2 < len(words):
        values[f"second after {words[last + 2].lower()}"] = 1.0


def _is_noun(word: str) -> bool:
    return word in FEATURES or word in ORGANISATIONS or word in STREETS or word in TITLES or word in ENGLISH


def _neighbours(values: Features, near: Around) -> None:
    bare = near.before.rstrip(".") if near.name_before else "-"
    after = near.after if near.name_after else "-"
    for name, holds in (
        ("title", bare in TITLES),
        ("after given", bare in GIVEN),
        ("after initial", len(bare) == 1 and bare != "-"),
        ("after direction", bare in DIRECTIONS),
        ("capital feature", after in FEATURES),
        ("street", after in STREETS),
        ("organisation", after in ORGANISATIONS),
        ("before given", after in GIVEN),
    ):
        if holds:
            values[name] = 1.0


def _run(values: Features, reading: ReadText, mention: Mention) -> None:
    """What the last word of the capitalised words around it says they are."""
    end = _end_of_run(reading.text, reading.words, mention.last)
    if end == mention.last:
        return
    word = reading.words.texts[end].lower()
    if word in ORGANISATIONS:
        values["run organisation"] = 1.0
    elif word in STREETS:
        values["run street"] = 1.0
    elif word in FEATURES:
        values["run feature"] = 1.0
    values[f"run {min(end - mention.last, 3)}"] = 1.0


def _end_of_run(text: str, words: FoldedWords, at: int) -> int:
    end = at
    while end + 1 < len(words) and end - at < MAX_RUN:
        gap = text[words.end(end) : words.starts[end + 1]]
        if not words.texts[end + 1][0].isupper() or gap not in _RUN:
            break
        end += 1
    return end


def _single(values: Features, mention: Mention, reading: ReadText, near: Around, kind: str) -> None:
    assert mention.lookup is not None
    if mention.text.lower() in reading.lower:
        values["small elsewhere"] = 1.0
    if mention.key in reading.persons:
        values |= {"person": 1.0, "person population": mention.lookup.magnitude, f"person {kind}": 1.0}
    if near.begins_sentence and mention.key in common_words(reading.language):
        values["common begins"] = 1.0
    if near.name_after and mention.key in GIVEN and not _is_noun(near.after):
        values["given before name"] = 1.0
        if kind == COUNTRY:
            values["country before surname"] = 1.0


def of_support(mention: Mention, shares: Shares) -> Features:
    """Features of how much the rest of the text, and what is known before it, speak of where the place chosen lies."""
    assert mention.lookup is not None
    assert mention.chosen is not None
    support, entity = shares.support(mention), mention.chosen.entity
    values = {"support": support, "support population": support * mention.lookup.magnitude / 5}
    if mention.first == mention.last:
        values["support single"] = support
        if not mention.chosen.is_main:
            values["support by-name"] = support
    if mention.listed:
        values |= {"listed": 1.0, "listed likely": mention.listed}
    if shares.prior is not NOTHING:
        values["source support"] = shares.prior.support(entity.country, entity.unit)
        values["source meant"] = shares.prior.meant.get((mention.key, entity.geoname_id), 0.0)
    return values
