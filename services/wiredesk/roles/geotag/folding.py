"""Place names in the form in which they are compared, and text as tokens with their places."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_DROPPED = "'\u2019\u2018`\u00b4\u02bb\u02bf\u02be\u02bc\u201b\u02b9\u0640\u200c"
_SPACED = "-\u2013\u2014/.,()_"
_LETTERS = {
    "\u0131": "i", "\u0130": "i", "\u0142": "l", "\u0141": "l", "\u0111": "d", "\u0110": "d", "\u00f8": "o",
    "\u00d8": "o", "\u00df": "ss", "\u00e6": "ae", "\u0153": "oe", "\u00fe": "th", "\u00f0": "d", "\u0127": "h",
    "\u0259": "e", "\u0451": "\u0435", "\u0401": "\u0435",
    # Arabic letters that one writer dots and the next does not
    "\u0623": "\u0627", "\u0625": "\u0627", "\u0622": "\u0627", "\u0671": "\u0627", "\u0649": "\u064a",
    "\u06cc": "\u064a", "\u06a9": "\u0643", "\u0629": "\u0647", "\u0624": "\u0648", "\u0626": "\u064a",
}  # fmt: skip
_TABLE = str.maketrans(
    {character: None for character in _DROPPED} | {character: " " for character in _SPACED} | dict(_LETTERS)
)
CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_TOKEN = re.compile(rf"(?:[A-Z]\.){{2,}}|[{CJK}]|[^\W_{CJK}]+(?:['\u2019\u2018`\u02bb][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it stands: `start` and `end` count code points."""

    text: str
    start: int
    end: int

    @property
    def is_capital(self) -> bool:
        """Whether it may begin a name: scripts without case always may."""
        first = self.text[0]
        return first.isupper() or (first.isalpha() and not first.islower())

    @property
    def is_cased(self) -> bool:
        """Whether its script has case at all."""
        return self.text[0].lower() != self.text[0].upper()


def tokens(text: str) -> list[Token]:
    """The words of `text`; scripts without spaces character by character."""
    return [Token(match[0], match.start(), match.end()) for match in _TOKEN.finditer(text)]


@lru_cache(maxsize=200_000)
def fold(name: str) -> str:
    """`name` without case, diacritics, apostrophes and hyphens; Indic and Thai vowel signs stay, they tell words apart."""
    folded = name.translate(_TABLE).casefold()
    if not folded.isascii():
        decomposed = unicodedata.normalize("NFD", folded).translate(_TABLE)
        kept = "".join(
            character for character in decomposed
            if not unicodedata.combining(character) or "\u0900" <= character < "\u0e80"
        )  # fmt: skip
        folded = unicodedata.normalize("NFC", kept)
    return " ".join(folded.split())


def without_possessive(word: str) -> str:
    """`word` without an English 's."""
    return word[:-2] if word[-2:] in ("'s", "\u2019s") else word
