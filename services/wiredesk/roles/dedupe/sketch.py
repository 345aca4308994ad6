"""The sketch of an article, by which copies are found and told from corrections.

The hashes are a KMV sketch, the smallest of all hashed three-word shingles with their own threshold: it estimates
overlap in both directions between texts of different length, which MinHash cannot (theta sketches; Dasgupta,
Lang, Rhodes and Thaler 2016).
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable
from zlib import crc32

import msgspec

from wiredesk.roles.dedupe.text import Normal, normal

SKETCH_HASHES = 64
"""48, 64, 96 and 128 were measured: fewer is better on templates, more on noisy text."""

KEY_FACTS = 32
EVERYTHING = 1 << 32
_MIX = 0x9E3779B1  # spreads CRC-32, which is linear, over the whole range (Knuth, multiplicative hashing)


class Facts(msgspec.Struct, frozen=True, array_like=True):
    """The smallest 16-bit hashes of a set, sorted, and the first that was left out (65536 where none was)."""

    hashes: bytes
    threshold: int


class Sketch(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """What is compared; `shingles` counts all distinct ones, `hashes` are 4 bytes each, native order, sorted."""

    fingerprint: bytes
    hashes: bytes
    threshold: int
    shingles: int
    tokens: int
    numbers: Facts
    names: Facts
    title: bytes
    title_digest: bytes
    is_correction: bool

    def index(self) -> tuple[bytes, ...]:
        """The hashes under which the article is indexed: 8 to 24, one in eight shingles."""
        count = max(8, min(24, self.shingles // 8))
        return tuple(value.to_bytes(4, "big") for value in numbers_in(self.hashes)[:count])


def sketch(text: str, *, title: str) -> Sketch:
    """The sketch of an article."""
    return _of(normal(text, title=title), title=title)


def _of(normal: Normal, *, title: str) -> Sketch:
    hashes = sorted(_shingles(normal.tokens))
    kept = array("I", hashes[:SKETCH_HASHES])
    return Sketch(
        fingerprint=hashlib.blake2b(" ".join(normal.tokens).encode(), digest_size=16).digest(),
        hashes=kept.tobytes(),
        threshold=hashes[SKETCH_HASHES] if len(hashes) > SKETCH_HASHES else EVERYTHING,
        shingles=len(hashes),
        tokens=len(normal.tokens),
        numbers=_facts(normal.numbers),
        names=_facts(normal.names),
        title=array("H", sorted({_short(word) for word in normal.title})[:64]).tobytes(),
        title_digest=hashlib.blake2b(" ".join(title.split()).encode(), digest_size=8).digest(),
        is_correction=normal.is_correction,
    )


def numbers_in(packed: bytes) -> list[int]:
    """The 32-bit numbers of a sketch's hashes."""
    return array("I", packed).tolist()


def shorts_in(packed: bytes) -> list[int]:
    """The 16-bit numbers of a sketch's facts or title."""
    return array("H", packed).tolist()


def _shingles(tokens: tuple[str, ...]) -> set[int]:
    encoded = [token.encode() for token in tokens]
    if len(encoded) < 3:
        return {crc32(token) * _MIX & 0xFFFFFFFF for token in encoded}
    # The separator keeps "ab c" from "a bc"; CRC runs on from the first two words to the third.
    return {
        crc32(c, crc32(b + b" ", crc32(a + b" "))) * _MIX & 0xFFFFFFFF
        for a, b, c in zip(encoded, encoded[1:], encoded[2:], strict=False)
    }


def _facts(values: Iterable[str]) -> Facts:
    hashes = sorted({_short(value) for value in values})
    kept = array("H", hashes[:KEY_FACTS])
    return Facts(kept.tobytes(), hashes[KEY_FACTS] if len(hashes) > KEY_FACTS else 1 << 16)


def _short(word: str) -> int:
    return (crc32(word.encode()) * _MIX & 0xFFFFFFFF) >> 16
