"""Where a text may name places: the longest names of the gazetteer, demonyms, wide areas, states after a comma."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from wiredesk.roles.geotag import hand
from wiredesk.roles.geotag.entities import COUNTRY, UNIT, Named
from wiredesk.roles.geotag.folding import CJK, Token, fold, tokens, without_possessive
from wiredesk.roles.geotag.gazetteer import Gazetteer

NAME, DEMONYM, WIDE, ABBREVIATION = "name", "demonym", "wide", "abbreviation"

_JOINED = frozenset({" ", "-", "\u2013", ". ", "\n", "", "'"})
_AFTER_COMMA = re.compile(r"(?:['\u2019]s)?\s*[,(]\s*")
_SENTENCE_END = re.compile('[.!?:\n\u201c"\u3002]')
_HAN = re.compile(f"[{CJK}]")
MIN_UNCASED = 3
"""Scripts without case have no capitals to tell names: shorter single words there are too often something else."""


@dataclass(slots=True, kw_only=True)
class Mention:
    """A span that may name a place; `first` and `last` are its tokens."""

    first: int
    last: int
    start: int
    end: int
    text: str
    key: str
    kind: str = NAME
    candidates: tuple[Named, ...] = ()
    area: str = ""  # M49 code of a wide area
    container: str = ""  # country or unit code that follows after a comma
    is_contained: bool = False
    begins_sentence: bool = False
    before: str = ""
    after: str = ""
    confidence: float = 0.0
    chosen: Named | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A text read once: its tokens and what they may name."""

    text: str
    tokens: Sequence[Token]
    mentions: list[Mention]
    lower: frozenset[str]
    counts: Counter[str]


def read(text: str, gazetteer: Gazetteer) -> Reading:
    """All spans that may name a place, in order, none overlapping."""
    words = tokens(text)
    mentions: list[Mention] = []
    at = 0
    while at < len(words):
        found = _at(text, words, at, gazetteer) if words[at].is_capital else None
        if found is None:
            at += 1
            continue
        mentions.append(found)
        at = found.last + 1
    _contain(text, words, mentions, gazetteer)
    for mention in mentions:
        _surroundings(text, words, mention)
    lower = frozenset(word.text for word in words if word.text.islower())
    return Reading(
        text=text, tokens=words, mentions=mentions, lower=lower, counts=Counter(mention.key for mention in mentions)
    )


def _at(text: str, words: Sequence[Token], at: int, gazetteer: Gazetteer) -> Mention | None:
    """The longest name that begins at this word."""
    for last in range(_reach(text, words, at, gazetteer.longest), at - 1, -1):
        if not (words[last].is_capital or not words[last].is_cased):
            continue
        end = words[last].start + len(without_possessive(words[last].text))
        shown = text[words[at].start : end]
        key = fold("".join(shown.split()) if _HAN.match(shown) else shown)
        if last == at and (single := _single(words[at], key)):
            return single.at(at, words[at].start, end)
        found = gazetteer.look_up(key) if key else ()
        if found and _is_acceptable(shown, found):
            return Mention(
                first=at, last=last, start=words[at].start, end=end, text=shown, key=key, candidates=tuple(found)
            )
        if key in hand.WIDE:
            return Mention(
                first=at, last=last, start=words[at].start, end=end, text=shown, key=key, kind=WIDE, area=hand.WIDE[key]
            )
    return None


@dataclass(frozen=True, slots=True)
class _Single:
    text: str
    key: str

    def at(self, index: int, start: int, end: int) -> Mention:
        return Mention(first=index, last=index, start=start, end=end, text=self.text, key=self.key, kind=DEMONYM)


def _single(word: Token, key: str) -> _Single | None:
    return _Single(word.text, key) if key in hand.DEMONYMS else None


def _reach(text: str, words: Sequence[Token], at: int, longest: int) -> int:
    """The last word that a name beginning at this one may have."""
    last = at
    while last + 1 < len(words) and last + 1 - at < longest:
        gap = text[words[last].end : words[last + 1].start]
        if gap not in _JOINED or (gap == ". " and len(words[last].text) > 3):
            break
        last += 1
    return last


def _is_acceptable(shown: str, found: Sequence[Named]) -> bool:
    """Whether a hit may be taken at all: short words of scripts without case, and pairs of letters, mostly may not."""
    if shown.isascii():
        return len(shown) > 2 or shown in ("US", "UK")
    if shown[0].lower() == shown[0].upper():
        is_large = any(named.entity.kind in (COUNTRY, UNIT) or named.entity.population > 100_000 for named in found)
        return is_large and (len(shown) >= MIN_UNCASED or bool(_HAN.match(shown)))
    return True


def _contain(text: str, words: Sequence[Token], mentions: list[Mention], gazetteer: Gazetteer) -> None:
    """`X, Y` where Y is a country, a unit or a state's abbreviation: X lies in it."""
    by_start = {mention.start: mention for mention in mentions}
    by_word = {word.start: index for index, word in enumerate(words)}
    for mention in list(mentions):
        gap = _AFTER_COMMA.match(text, mention.end)
        if gap is None or mention.kind != NAME:
            continue
        following = by_start.get(gap.end())
        abbreviation = _abbreviation(text, gap.end())
        if abbreviation:
            mention.container = hand.STATE_ABBREVIATIONS[abbreviation]
            if following is None and gap.end() in by_word:
                end = gap.end() + len(abbreviation)
                index = by_word[gap.end()]
                mentions.append(
                    Mention(
                        first=index, last=index, start=gap.end(), end=end, text=abbreviation, key=fold(abbreviation),
                        kind=ABBREVIATION, candidates=_unit_named(mention.container, gazetteer), is_contained=True,
                    )
                )  # fmt: skip
        elif following is not None and following.candidates:
            large = [named.entity for named in following.candidates if named.entity.kind in (COUNTRY, UNIT)]
            inside = {named.entity.country for named in mention.candidates}
            fitting = next((entity for entity in large if entity.country in inside), None)
            if fitting is not None:
                mention.container = fitting.unit or fitting.country
                following.is_contained = True
    mentions.sort(key=lambda mention: mention.start)


def _abbreviation(text: str, at: int) -> str:
    for length in (5, 4, 3, 2):
        form = text[at : at + length].strip()
        if form in hand.STATE_ABBREVIATIONS and not text[at + len(form) : at + len(form) + 1].isalnum():
            return form
    return ""


def _unit_named(code: str, gazetteer: Gazetteer) -> tuple[Named, ...]:
    name = _STATE_NAMES.get(code, "")
    return tuple(
        named for named in gazetteer.look_up(fold(name)) if named.entity.unit == code and named.entity.kind == UNIT
    )


_STATE_NAMES = {
    "US-AL": "Alabama", "US-AK": "Alaska", "US-AZ": "Arizona", "US-AR": "Arkansas", "US-CA": "California",
    "US-CO": "Colorado", "US-CT": "Connecticut", "US-DE": "Delaware", "US-FL": "Florida", "US-GA": "Georgia",
    "US-HI": "Hawaii", "US-IL": "Illinois", "US-IN": "Indiana", "US-KS": "Kansas", "US-KY": "Kentucky",
    "US-LA": "Louisiana", "US-MD": "Maryland", "US-MA": "Massachusetts", "US-MI": "Michigan", "US-MN": "Minnesota",
    "US-MS": "Mississippi", "US-MO": "Missouri", "US-MT": "Montana", "US-NE": "Nebraska", "US-NV": "Nevada",
    "US-NH": "New Hampshire", "US-NJ": "New Jersey", "US-NM": "New Mexico", "US-NY": "New York",
    "US-NC": "North Carolina", "US-ND": "North Dakota", "US-OK": "Oklahoma", "US-OR": "Oregon", "US-PA": "Pennsylvania",
    "US-RI": "Rhode Island", "US-SC": "South Carolina", "US-SD": "South Dakota", "US-TN": "Tennessee", "US-TX": "Texas",
    "US-VT": "Vermont", "US-VA": "Virginia", "US-WA": "Washington", "US-WV": "West Virginia", "US-WI": "Wisconsin",
    "US-WY": "Wyoming", "US-DC": "District of Columbia", "CA-ON": "Ontario", "CA-QC": "Quebec",
    "CA-BC": "British Columbia", "CA-AB": "Alberta", "CA-MB": "Manitoba", "CA-SK": "Saskatchewan",
    "CA-NS": "Nova Scotia", "CA-NB": "New Brunswick", "AU-NSW": "New South Wales",
}  # fmt: skip


def _surroundings(text: str, words: Sequence[Token], mention: Mention) -> None:
    if mention.first:
        previous = words[mention.first - 1]
        gap = text[previous.end : mention.start]
        mention.begins_sentence = bool(_SENTENCE_END.search(gap))
        mention.before = previous.text if gap in (" ", ". ") else ""
    else:
        mention.begins_sentence = True
    if mention.last + 1 < len(words):
        following = words[mention.last + 1]
        mention.after = following.text if text[mention.end : following.start] == " " else ""
