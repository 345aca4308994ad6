"""The edge of other people's parsers: what they raise on what publishers wrote, and what no XML parser takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from wiredesk.errors import Malformed

MAX_WORDS = 200

_HIGH, _LOW, _END = 0xD800, 0xDC00, 0xE000
_ODD_REFERENCES = re.compile(
    rb"(?:&#(?:0*(?:[12]?[0-9]|3[01]|5[5-7][0-9]{3}|6553[45]|[0-9]{7,})"
    rb"|[xX]0*(?:1?[0-9a-fA-F]|[dD][89a-fA-F][0-9a-fA-F]{2}|[fF]{3}[eEfF]|[0-9a-fA-F]{6,}));)+"
)
"""Runs of references that may name what XML 1.0 cannot carry; most references are none of these."""

_REFERENCE = re.compile(rb"&#(?:0*([0-9]+)|[xX]0*([0-9a-fA-F]+));")
_BLANKS = frozenset({9, 10, 13})


@contextmanager
def parsing(what: str) -> Iterator[None]:
    """A call of a library's parser: whatever it raises is `Malformed`, saying `what` was not to be had.

    Parsers promise no list of what they raise: half a surrogate is an encoding's error in one, a missing key in
    another. Only the library's call belongs in here: what our own code raises is a bug and travels.
    """
    try:
        yield
    except Malformed:
        raise
    except Exception as error:
        words = " ".join(str(error).split())[:MAX_WORDS]
        raise Malformed(f"{what}: {words or 'no reason given'} ({type(error).__name__})") from error


def with_whole_references(body: bytes) -> bytes:
    """XML in UTF-8 with numeric references that a parser takes.

    Two halves of a surrogate pair, as which some publishers write an emoji, become the character. What XML cannot
    carry is left out (2.2): parsers give up on it, or hand it on for others to fail at.
    """
    return _ODD_REFERENCES.sub(_whole, body) if b"&#" in body else body


def _whole(run: re.Match[bytes]) -> bytes:
    pieces: list[bytes] = []
    high = 0
    for reference in _REFERENCE.finditer(run[0]):
        code = _code(reference)
        if high and _LOW <= code < _END:
            pieces.append(chr(0x10000 + ((high - _HIGH) << 10) + (code - _LOW)).encode())
        elif code in _BLANKS or 0x20 <= code < _HIGH or _END <= code < 0xFFFE or 0x10000 <= code < 0x110000:
            pieces.append(reference[0])
        high = code if _HIGH <= code < _LOW else 0
    return b"".join(pieces)


def _code(reference: re.Match[bytes]) -> int:
    digits, base = (reference[1], 10) if reference[1] else (reference[2], 16)
    return int(digits, base) if len(digits) < 8 else 0x110000
