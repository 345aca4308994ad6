"""Text as comparable words with their places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from wiredesk.text import words
from wiredesk.text.invisible import UNSEEN

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\u0e00-\u0e7f"
# Scripts without spaces between words: every character is a word, so that a term there is a phrase of characters.
_PLAIN = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+(?:['\u2019][^\W{_CJK}]+)*")
_DROPPED = re.compile(f"['\u2019{UNSEEN}]")


@dataclass(frozen=True, slots=True)
class TextWords:
    """The folded words of a text in order, and where each stands in it, in code points."""

    folded: tuple[str, ...]
    places: tuple[tuple[int, int], ...]


def words_of(text: str) -> TextWords:
    """The words of `text`. Letters, digits, inner apostrophes; scripts without spaces character by character."""
    # The plain pattern is twice as fast, and most texts have no points, vowel signs or soft hyphens.
    word = _PLAIN if text.isascii() or not _needs_any().search(text) else _any()
    pairs = [(fold(match[0]), match.span()) for match in word.finditer(text)]
    kept = [pair for pair in pairs if pair[0]]  # of a point that stands alone nothing is left
    return TextWords(tuple(folded for folded, _ in kept), tuple(place for _, place in kept))


@lru_cache(maxsize=100_000)
def fold(word: str) -> str:
    """`word` as searches fold it, without apostrophes."""
    return words.fold(_DROPPED.sub("", word))


@cache
def _needs_any() -> re.Pattern[str]:
    return re.compile(f"[{words.marks()}{UNSEEN}]")


@cache
def _any() -> re.Pattern[str]:
    letter = rf"(?:[^\W{_CJK}]|(?![{_CJK}])[{words.marks()}])"
    return re.compile(rf"[{_CJK}]|{letter}+(?:['\u2019{UNSEEN}]+{letter}+)*")
