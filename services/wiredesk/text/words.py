"""One idea of a word for whoever looks words up: what belongs to it, and the form in which it is compared.

What is stored for searches was folded so: a change here makes old items unfindable.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache

UNDECOMPOSED: Mapping[str, str] = {
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "æ": "ae",
    "œ": "oe",
    "\u0131": "i",
    "ħ": "h",
    "ŧ": "t",
    "\u0640": "",  # Arabic tatweel only stretches a word
}
"""Letters that Unicode does not take apart, as people type them who lack the key."""

_UNDECOMPOSED_LETTER = re.compile(f"[{''.join(UNDECOMPOSED)}]")


def fold(content: str) -> str:
    """`content` without case, diacritics and compatibility forms; the vowel signs of Indic scripts stay."""
    lower = content.casefold()
    if lower.isascii():
        return lower
    # Twice, as Unicode's own caseless match does (chapter 3, D146): a double-struck S has no case before it is taken apart.
    lower = unicodedata.normalize("NFKD", lower).casefold()
    plain = _UNDECOMPOSED_LETTER.sub(lambda letter: UNDECOMPOSED[letter[0]], lower)
    taken_apart = unicodedata.normalize("NFKD", plain)
    return unicodedata.normalize("NFC", _diacritics().sub("", taken_apart))


@cache
def marks() -> str:
    """The class, for regular expressions, of vowel signs and points: no letters to `\\w`, yet part of their word."""
    return _class_of(lambda character: unicodedata.category(character) in ("Mn", "Mc"))


@cache
def _diacritics() -> re.Pattern[str]:
    return re.compile(f"[{_class_of(_is_diacritic)}]")


def _is_diacritic(character: str) -> bool:
    # Classes 7 to 9 are nukta, kana voicing and virama, 84 and up to 199 the vowel signs and tones of Indic scripts:
    # without them it is another word. What stays out of it are Hebrew and Arabic points and marks above and below.
    combining = unicodedata.combining(character)
    return combining == 1 or 10 <= combining <= 36 or combining >= 200


def _class_of(belongs: Callable[[str], bool]) -> str:
    """A regular expression's class; only up to U+FFFF, where `re` tests a class in one step, beyond it one by one."""
    return "".join(f"\\u{point:04x}" for point in range(0x10000) if belongs(chr(point)))
