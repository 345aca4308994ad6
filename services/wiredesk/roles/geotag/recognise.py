"""Toponym recognition: the longest names of the gazetteer, demonyms, wide areas, states after a comma."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from wiredesk.roles.geotag import exonyms, lemmas
from wiredesk.roles.geotag.demonyms import ENGLISH, named_by
from wiredesk.roles.geotag.entities import CAPITAL, COUNTRY, UNIT, Recognised
from wiredesk.roles.geotag.folding import (
    FoldedWords,
    fold,
    has_case,
    is_dense,
    is_han,
    may_begin_name,
    without_ending,
    words_of,
)
from wiredesk.roles.geotag.gazetteer import Gazetteer
from wiredesk.roles.geotag.language import language_of
from wiredesk.roles.geotag.lexicon import DIRECTIONS, GENERIC, GIVEN, TITLES
from wiredesk.roles.geotag.mention import DEMONYM, IGNORED, NAME, OWN, WIDE, Mention
from wiredesk.roles.geotag.overlay import NOTHING_OWN, Overlay
from wiredesk.roles.geotag.part_of import contain
from wiredesk.roles.geotag.unlisted import unlisted

_JOINED = frozenset({" ", "-", "\u2013", ". ", "\n", "", "'"})
MIN_UNCASED = 3
"""Scripts without case have no capitals to tell names: shorter single words there are too often something else."""

LANGUAGE_WORDS = 150
"""Words that tell a text's language."""

SMALL_DEMONYMS = frozenset({"de", "fr", "es", "pt", "it", "nl", "pl", "tr", "ru", "uk"})
"""Languages that write their demonyms with a small letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadText:
    """A text read once: its words and what they may name."""

    text: str
    language: str
    words: FoldedWords
    mentions: list[Mention]
    lower: frozenset[str]
    persons: frozenset[str]
    counts: Counter[str] = field(default_factory=Counter)


class Meaning(NamedTuple):
    """Kind of mention, the name folded, the code of a demonym or wide area, the places of a name."""

    kind: str
    key: str
    code: str
    lookup: Recognised | None


def read(text: str, gazetteer: Gazetteer, overlay: Overlay = NOTHING_OWN) -> ReadText:
    """All spans that may name a place, in order, none overlapping."""
    words = words_of(text)
    lower = {word for word in words.texts if word.islower()}
    capital = [index for index, word in enumerate(words.texts) if word not in lower]
    language = language_of(text, {word.lower() for word in words.texts[:LANGUAGE_WORDS]})
    starts: Sequence[int] = range(len(words)) if language in SMALL_DEMONYMS else capital
    if starts is capital and not overlay.small.isdisjoint(lower):
        starts = [index for index, word in enumerate(words.texts) if word not in lower or word in overlay.small]
    mentions = _spans(text, words, starts, gazetteer, language, overlay)
    mentions = contain(text, words, unlisted(text, words, mentions), gazetteer)
    if overlay.ignored:
        mentions = [mention for mention in mentions if mention.key not in overlay.ignored]
    return ReadText(
        text=text,
        language=language,
        words=words,
        mentions=mentions,
        lower=frozenset(lower),
        persons=_persons(text, words, capital),
        counts=Counter(mention.key for mention in mentions),
    )


def _spans(
    text: str, words: FoldedWords, starts: Iterable[int], gazetteer: Gazetteer, language: str, overlay: Overlay
) -> list[Mention]:
    mentions: list[Mention] = []
    free = 0
    for at in starts:
        if at < free:
            continue
        word = words.texts[at]
        if word.islower():
            mention = _at(text, words, at, gazetteer, language, overlay) if word in overlay.small else None
            if mention is None and language in SMALL_DEMONYMS:
                mention = _small(words, at, language)
        else:
            mention = _at(text, words, at, gazetteer, language, overlay) if may_begin_name(word) else None
        if mention is not None:
            if mention.kind != IGNORED:
                mentions.append(mention)
            free = mention.last + 1
    return mentions


def _at(
    text: str, words: FoldedWords, at: int, gazetteer: Gazetteer, language: str, overlay: Overlay
) -> Mention | None:
    """The longest name that begins at this word."""
    start = words.starts[at]
    most, most_small = _longest(words.texts[at], gazetteer, overlay)
    begins_small = most_small > 0 and words.texts[at].islower()
    for last in range(_reach(text, words, at, most), at - 1, -1):
        is_small = words.texts[last].islower() or begins_small
        if is_small and last - at >= most_small:
            continue
        for end in _ends(words.texts[last], words.starts[last]):
            shown = text[start:end]
            meaning = _meaning(shown, gazetteer, language, last == at, overlay)
            if is_small and meaning is not None and meaning.kind not in (OWN, IGNORED):
                continue  # the world's names have capitals
            if meaning is not None and text[end : end + 1] != "$":  # US$: money
                return Mention(
                    first=at,
                    last=last,
                    start=start,
                    end=end,
                    text=shown,
                    kind=meaning.kind,
                    key=meaning.key,
                    code=meaning.code,
                    lookup=meaning.lookup,
                )
    return None


def _small(words: FoldedWords, at: int, language: str) -> Mention | None:
    word, start = words.texts[at], words.starts[at]
    if len(word) < 4:
        return None
    key = fold(word)
    code = named_by(key, language)
    if code is None:
        return None
    return Mention(first=at, last=at, start=start, end=start + len(word), text=word, key=key, kind=DEMONYM, code=code)


def _ends(word: str, start: int) -> tuple[int, ...]:
    """Where a name that ends in this word may end, the likelier first."""
    end = start + len(word)
    if word.isalnum():
        return (end,)
    bare = start + len(without_ending(word))
    if bare == end:
        return (end,)
    return (bare, end) if word.endswith(("'s", "\u2019s")) else (end, bare)


@lru_cache(maxsize=50_000)
def _meaning(shown: str, gazetteer: Gazetteer, language: str, is_single: bool, overlay: Overlay) -> Meaning | None:
    """What a span may name; kept, as most capitalised words of a language are the same few."""
    key = fold("".join(shown.split()) if is_han(shown) else shown)
    said = _said(shown, key, overlay)
    if said is not None:
        return said
    lookup = gazetteer.look_up(key) if key else None
    code = ENGLISH.get(key)
    if (
        code is None
        and language != "en"
        and is_single
        and not (lookup and lookup.kind_abroad in (COUNTRY, CAPITAL, UNIT))
    ):
        code = named_by(key, language)
    if code is not None:
        return Meaning(DEMONYM, key, code, None)
    if not key:
        return None
    if key in exonyms.WIDE:
        wide = [named for named in lookup.candidates if not named.entity.country] if lookup else []
        return Meaning(WIDE, key, exonyms.WIDE[key], Recognised(wide) if wide else None)
    if (lookup or language != "en") and _is_generic(shown, key):
        return None
    if lookup and _is_acceptable(shown, lookup):
        return Meaning(NAME, key, "", lookup)
    for form in lemmas.of(key, language):
        said = _said(shown, form, overlay)
        if said is not None:
            return said
        lookup = gazetteer.look_up(form)
        if lookup and lookup.is_large(lemmas.MIN_POPULATION):
            return Meaning(NAME, form, "", lookup)
    return None


def _said(shown: str, key: str, overlay: Overlay) -> Meaning | None:
    """What the operator says of a name."""
    if key in overlay.ignored:
        return Meaning(IGNORED, key, "", None)
    own = overlay.own(shown, key)
    return Meaning(OWN, key, "", own) if own is not None else None


def _reach(text: str, words: FoldedWords, at: int, most: int) -> int:
    """The last word that a name beginning at this one may have."""
    last, end = at, min(len(words.texts), at + most) - 1
    while last < end:
        if not _is_joined(text, words, last):
            break
        last += 1
    return last


def _is_joined(text: str, words: FoldedWords, at: int) -> bool:
    """Whether a name may go on from this word to the next."""
    gap = text[words.end(at) : words.starts[at + 1]]
    return gap in _JOINED and not (gap == ". " and len(words.texts[at]) > 3)


def can_be_found(name: str) -> bool:
    """Whether a text could be seen to hold it: nothing but words, and between them what may stand within a name."""
    words = words_of(name)
    if not words.texts or words.starts[0] or not fold(name):
        return False
    last = len(words) - 1
    return words.end(last) == len(name) and all(_is_joined(name, words, at) for at in range(last))


@lru_cache(maxsize=50_000)
def _longest(word: str, gazetteer: Gazetteer, overlay: Overlay) -> tuple[int, int]:
    """How many words a name may have that begins with this one, and how many if it may begin or end with a small letter."""
    first = fold(word).partition(" ")[0]
    own = overlay.reach(first)
    return max(gazetteer.reach(first), exonyms.REACH.get(first, 1), own, 1), own if overlay.has_small else 0


def _is_generic(shown: str, key: str) -> bool:
    """Whether it is north or central alone, or a word like street: places are called so, but hardly ever meant."""
    words = shown.lower().replace("-", " ").split()
    return all(word in DIRECTIONS for word in words) or key in GENERIC


def _is_acceptable(shown: str, lookup: Recognised) -> bool:
    """Whether a hit may be taken at all: short words of scripts without case, and pairs of letters, mostly may not."""
    if shown.isascii():
        return len(shown) > 2 or shown in ("US", "UK")
    if not has_case(shown):
        return lookup.is_large(lemmas.MIN_POPULATION) and (len(shown) >= MIN_UNCASED or is_dense(shown))
    return True


def _persons(text: str, words: FoldedWords, capital: Sequence[int]) -> frozenset[str]:
    """Folded words that stand after a given name, a title or an initial somewhere in the text."""
    names = set()
    for before, at in pairwise(capital):
        first = words.texts[before].lower().rstrip(".")
        is_person = first in GIVEN or first in TITLES or len(first) == 1
        # Scripts without case have no initials: a single letter is a word.
        has_capital = words.texts[before][0].isupper()
        if at == before + 1 and is_person and has_capital and text[words.end(before) : words.starts[at]] in (" ", ". "):
            names.add(fold(without_ending(words.texts[at])))
    return frozenset(names)
