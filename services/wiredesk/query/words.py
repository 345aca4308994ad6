"""Text as comparable words with their places."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\u0e00-\u0e7f"
# Scripts without spaces between words: every character is a word, so that a term there is a phrase of characters.
_WORD = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+(?:['\u2019][^\W{_CJK}]+)*")


@dataclass(frozen=True, slots=True)
class Words:
    """The folded words of a text in order, and where each stands in it, in code points."""

    folded: tuple[str, ...]
    places: tuple[tuple[int, int], ...]


def words_of(text: str) -> Words:
    """The words of `text`. Letters, digits, inner apostrophes; scripts without spaces character by character."""
    found = [(fold(match[0]), match.span()) for match in _WORD.finditer(text)]
    return Words(tuple(word for word, _ in found), tuple(place for _, place in found))


@lru_cache(maxsize=100_000)
def fold(word: str) -> str:
    """`word` without case and diacritics: Unicode case folding, compatibility decomposition, marks dropped."""
    if word.isascii():
        return word.lower().replace("'", "")
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    kept = "".join(character for character in decomposed if not unicodedata.combining(character))
    return unicodedata.normalize("NFC", kept).replace("'", "").replace("\u2019", "")
