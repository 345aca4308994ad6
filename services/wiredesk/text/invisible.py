"""Characters that nobody sees: controls, and what cuts words in two (soft hyphens, zero-width spaces, marks of direction).

Joiners are letters' business: Persian and Hindi spell with U+200C and U+200D, emoji are made with them. They go only
where they stand beside Latin, Greek or Cyrillic letters, to which they mean nothing.
"""

from __future__ import annotations

import re

UNSEEN = "\u00ad\u180e\u200b\u200e\u200f\u061c\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
"""The class, for regular expressions, of those that mean nothing within a word."""

# Thai, Lao, Tibetan, Burmese, Khmer and their neighbours have no blanks: there U+200B parts words.
_UNSPACED = "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19ff\u1a20-\u1aaf"
_ALPHABETS = "A-Za-z\u00c0-\u024f\u0370-\u052f\u1e00-\u1fff"
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")
_ANY = re.compile(f"[{UNSEEN}\u200c\u200d]")
_MEANINGLESS = re.compile(f"[{UNSEEN.replace(chr(0x200B), '')}]+")
_PARTING = re.compile(f"(?P<kept>(?<=[{_UNSPACED}])\u200b+(?=[{_UNSPACED}]))|\u200b+")
# A run is tried from its beginning alone: from each of its places it would take time by the square.
_JOINERS = re.compile(f"(?<=[{_ALPHABETS}])[\u200c\u200d]+|(?<![\u200c\u200d])[\u200c\u200d]+(?=[{_ALPHABETS}])")


def without_controls(text: str) -> str:
    """`text` without NUL, other controls and lone surrogates: nothing downstream can carry or store them."""
    # What is printable holds none of them: for one line that is told four times as fast.
    return text if text.isprintable() else _CONTROLS.sub("", text)


def visible(text: str) -> str:
    """`text` without characters that nobody sees; what spells words, and parts them, stays. Idempotent."""
    if text.isascii() or not _ANY.search(text):
        return text
    # In this order: each may stand between two of the next, or between one and its letter.
    text = _MEANINGLESS.sub("", text)
    text = _PARTING.sub(lambda run: "\u200b" if run["kept"] else "", text)
    return _JOINERS.sub("", text)
