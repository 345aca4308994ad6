"""Where a text may name places: the longest names of the gazetteer, demonyms, wide areas, states after a comma."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from wiredesk.roles.geotag import forms, hand
from wiredesk.roles.geotag.contain import contain
from wiredesk.roles.geotag.cues import DIRECTIONS, GIVEN, TITLES
from wiredesk.roles.geotag.demonyms import ENGLISH, named_by
from wiredesk.roles.geotag.entities import Found
from wiredesk.roles.geotag.folding import Token, fold, is_dense, is_han, tokens, without_ending
from wiredesk.roles.geotag.gazetteer import Gazetteer
from wiredesk.roles.geotag.language import language_of
from wiredesk.roles.geotag.mention import DEMONYM, WIDE, Mention

_JOINED = frozenset({" ", "-", "\u2013", ". ", "\n", "", "'"})
MIN_UNCASED = 3
"""Scripts without case have no capitals to tell names: shorter single words there are too often something else."""

SMALL_DEMONYMS = frozenset({"de", "fr", "es", "pt", "it", "nl", "pl", "tr", "ru", "uk"})
"""Languages that write their demonyms with a small letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A text read once: its tokens and what they may name."""

    text: str
    language: str
    tokens: Sequence[Token]
    mentions: list[Mention]
    lower: frozenset[str]
    persons: frozenset[str]
    counts: Counter[str] = field(default_factory=Counter)


def read(text: str, gazetteer: Gazetteer) -> Reading:
    """All spans that may name a place, in order, none overlapping."""
    words = tokens(text)
    lower: set[str] = set()
    capital = []
    for index, word in enumerate(words):
        if word.text.islower():
            lower.add(word.text)
        else:
            capital.append(index)
    language = language_of(text, lower)
    mentions = _spans(text, words, range(len(words)) if language in SMALL_DEMONYMS else capital, gazetteer, language)
    mentions = contain(text, words, mentions, gazetteer)
    return Reading(
        text=text, language=language, tokens=words, mentions=mentions, lower=frozenset(lower),
        persons=_persons(text, words, capital), counts=Counter(mention.key for mention in mentions),
    )  # fmt: skip


def _spans(
    text: str, words: Sequence[Token], starts: Iterable[int], gazetteer: Gazetteer, language: str
) -> list[Mention]:
    mentions: list[Mention] = []
    free = 0
    for at in starts:
        if at < free:
            continue
        word = words[at]
        if word.text.islower():
            found = _small(words, at, language)
        else:
            found = _at(text, words, at, gazetteer, language) if word.is_capital else None
        if found is not None:
            mentions.append(found)
            free = found.last + 1
    return mentions


def _at(text: str, words: Sequence[Token], at: int, gazetteer: Gazetteer, language: str) -> Mention | None:
    """The longest name that begins at this word."""
    word = words[at]
    for last in range(_reach(text, words, at, gazetteer), at - 1, -1):
        if words[last].text.islower():
            continue
        for end in _ends(words[last]):
            found = _named(text[word.start : end], gazetteer, language, is_single=last == at)
            if found is not None and text[end : end + 1] != "$":  # US$: money
                found.first, found.last, found.start, found.end = at, last, word.start, end
                return found
    return None


def _small(words: Sequence[Token], at: int, language: str) -> Mention | None:
    word = words[at]
    if len(word.text) < 4:
        return None
    key = fold(word.text)
    code = named_by(key, language)
    if code is None:
        return None
    return Mention(first=at, last=at, start=word.start, end=word.end, text=word.text, key=key, kind=DEMONYM, code=code)


def _ends(word: Token) -> tuple[int, ...]:
    """Where a name that ends in this word may end, the likelier first."""
    bare = word.start + len(without_ending(word.text))
    if bare == word.end:
        return (word.end,)
    return (bare, word.end) if word.text.endswith(("'s", "\u2019s")) else (word.end, bare)


def _named(shown: str, gazetteer: Gazetteer, language: str, *, is_single: bool) -> Mention | None:
    key = fold("".join(shown.split()) if is_han(shown) else shown)
    code = ENGLISH.get(key)
    if code is None and language != "en" and is_single:
        code = named_by(key, language)
    if code is not None:
        return Mention(text=shown, key=key, kind=DEMONYM, code=code)
    if not key or _is_direction(shown):
        return None
    found = gazetteer.look_up(key)
    if key in hand.WIDE:
        wide = Found([named for named in found.candidates if not named.entity.country]) if found else None
        return Mention(
            text=shown, key=key, kind=WIDE, code=hand.WIDE[key], found=wide if wide and wide.candidates else None
        )
    if found and _is_acceptable(shown, found):
        return Mention(text=shown, key=key, found=found)
    for form in forms.of(key, language):
        found = gazetteer.look_up(form)
        if found and found.is_large(forms.MIN_POPULATION):
            return Mention(text=shown, key=form, found=found)
    return None


def _reach(text: str, words: Sequence[Token], at: int, gazetteer: Gazetteer) -> int:
    """The last word that a name beginning at this one may have."""
    first = fold(words[at].text).partition(" ")[0]
    longest = max(gazetteer.reach(first), hand.REACH.get(first, 1))
    last = at
    while last + 1 < len(words) and last + 1 - at < longest:
        gap = text[words[last].end : words[last + 1].start]
        if gap not in _JOINED or (gap == ". " and len(words[last].text) > 3):
            break
        last += 1
    return last


def _is_direction(shown: str) -> bool:
    """Whether it is made of words like north and central alone: units are called so, but hardly ever without a noun."""
    return all(word in DIRECTIONS for word in shown.lower().replace("-", " ").split())


def _is_acceptable(shown: str, found: Found) -> bool:
    """Whether a hit may be taken at all: short words of scripts without case, and pairs of letters, mostly may not."""
    if shown.isascii():
        return len(shown) > 2 or shown in ("US", "UK")
    if shown[0].lower() == shown[0].upper():
        return found.is_large(forms.MIN_POPULATION) and (len(shown) >= MIN_UNCASED or is_dense(shown))
    return True


def _persons(text: str, words: Sequence[Token], capital: Sequence[int]) -> frozenset[str]:
    """Folded words that stand after a given name, a title or an initial somewhere in the text."""
    found = set()
    for before, at in pairwise(capital):
        first = words[before].text.lower().rstrip(".")
        is_person = first in GIVEN or first in TITLES or len(first) == 1
        if at == before + 1 and is_person and text[words[before].end : words[at].start] in (" ", ". "):
            found.add(fold(without_ending(words[at].text)))
    return frozenset(found)
