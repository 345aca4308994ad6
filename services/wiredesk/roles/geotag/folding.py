"""Place names in the form in which they are compared, and text as tokens with their places."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from wiredesk.text.invisible import UNSEEN

_APOSTROPHES = "'\u2019\u2018`\u00b4\u02bb\u02bf\u02be\u02bc\u201b\u02b9"
_DROPPED = f"{_APOSTROPHES}\u0640\u200c"
_UNSEEN = re.compile(f"[{UNSEEN}]")
_SPACED = "-\u2013\u2014/.,()_"
_LETTERS = {
    "\u0131": "i",
    "\u0130": "i",
    "\u0142": "l",
    "\u0141": "l",
    "\u0111": "d",
    "\u0110": "d",
    "\u00f8": "o",
    "\u00d8": "o",
    "\u00df": "ss",
    "\u00e6": "ae",
    "\u0153": "oe",
    "\u00fe": "th",
    "\u00f0": "d",
    "\u0127": "h",
    "\u0259": "e",
    "\u0451": "\u0435",
    "\u0401": "\u0435",
    # Arabic letters that one writer dots and the next does not
    "\u0623": "\u0627",
    "\u0625": "\u0627",
    "\u0622": "\u0627",
    "\u0671": "\u0627",
    "\u0649": "\u064a",
    "\u06cc": "\u064a",
    "\u06a9": "\u0643",
    "\u0629": "\u0647",
    "\u0624": "\u0648",
    "\u0626": "\u064a",
}
_TABLE = str.maketrans(
    {character: None for character in _DROPPED} | {character: " " for character in _SPACED} | dict(_LETTERS)
)
CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
# Vowel signs of Indic and Thai words, and vowel points, are no letters to `re`, yet belong to the word.
_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962-\u0963\u0981-\u0e7f"
)
_QUOTES = f"'\u2019\u2018`\u02bb\u200c{UNSEEN}"
_PLAIN = re.compile(rf"(?:[A-Z]\.){{2,}}|[^\W_]+(?:[{_QUOTES}][^\W\d_]+)*")
_ANY = re.compile(
    rf"(?:[A-Z]\.){{2,}}|[{CJK}]|(?:[^\W_{CJK}]|[{_MARKS}])+(?:[{_QUOTES}](?:[^\W\d_{CJK}]|[{_MARKS}])+)*"
)
_NEEDS_ANY = re.compile(f"[{CJK}{_MARKS}]")
_ARTICLE = re.compile("^(?:a[ltdrnsz]|as?h|el) ")
_WEAK = re.compile("[aeiouyh ]")
_DOUBLED = re.compile(r"(.)\1+")
_HAN = re.compile(f"[{CJK}]")
_ELIDED = re.compile(rf"[{_QUOTES}][^\W\d_a-z]")
_APOSTROPHE = re.compile(f"[{_APOSTROPHES}]")


@dataclass(frozen=True, slots=True)
class FoldedWords:
    """The words of a text: what each is and where it begins, in code points.

    Two lists, as an object a word takes twice the time, and there are hundreds in a text.
    """

    texts: list[str]
    starts: list[int]

    def __len__(self) -> int:
        return len(self.texts)

    def end(self, index: int) -> int:
        """Where a word ends."""
        return self.starts[index] + len(self.texts[index])


def may_begin_name(word: str) -> bool:
    """Whether it has a capital, or a script without case."""
    first = word[0]
    return first.isupper() or (not first.islower() and first.isalpha())


def has_case(word: str) -> bool:
    """Whether its script has case at all."""
    return word[0].lower() != word[0].upper()


def words_of(text: str) -> FoldedWords:
    """The words of `text`; scripts without spaces character by character."""
    word = _ANY if _NEEDS_ANY.search(text) else _PLAIN  # the plain one is twice as fast
    texts, starts = [], []
    for match in word.finditer(text):
        texts.append(match[0])
        starts.append(match.start())
    return _split(FoldedWords(texts, starts)) if _ELIDED.search(text) else FoldedWords(texts, starts)


def _split(words: FoldedWords) -> FoldedWords:
    # French and Italian write l'Italie and dell'Aquila: a small letter first and a capital after the apostrophe.
    texts, starts = [], []
    for word, start in zip(words.texts, words.starts, strict=True):
        cut = None if word.isalnum() or not word[0].islower() else _APOSTROPHE.search(word)
        if cut is not None and word[cut.end()].isupper():
            texts += [word[: cut.start()], word[cut.end() :]]
            starts += [start, start + cut.end()]
        else:
            texts.append(word)
            starts.append(start)
    return FoldedWords(texts, starts)


def is_han(name: str) -> bool:
    """Whether it begins in a script that is written without spaces."""
    return _HAN.match(name) is not None


def is_dense(name: str) -> bool:
    """Whether its script says much with a letter: two of Chinese or Korean are a name."""
    return is_han(name) or "\uac00" <= name[0] <= "\ud7a3"


@lru_cache(maxsize=200_000)
def fold(name: str) -> str:
    """`name` without case, diacritics, apostrophes and hyphens; Indic and Thai vowel signs stay, they tell words apart."""
    folded = (name if name.isascii() else _UNSEEN.sub("", name)).translate(_TABLE).casefold()
    if not folded.isascii():
        decomposed = unicodedata.normalize("NFD", folded).translate(_TABLE)
        kept = "".join(
            character
            for character in decomposed
            if not unicodedata.combining(character) or "\u0900" <= character < "\u0e80"
        )
        folded = unicodedata.normalize("NFC", kept)
    return " ".join(folded.split())


def without_ending(word: str) -> str:
    """`word` without an English 's, or what Turkish and others add behind an apostrophe: Kilis'in."""
    cut = _APOSTROPHE.search(word)
    return word[: cut.start()] if cut and 0 < len(word) - cut.end() <= 6 and word[cut.end() :].islower() else word


def skeleton(folded: str) -> str:
    """What the romanisations of a name have in common: Raqqa and Ar Raqqah, Azaz and I'zaz, Kyiv and Kiev."""
    return _DOUBLED.sub(r"\1", _WEAK.sub("", _ARTICLE.sub("", folded)))
