"""The memory of dedupe: what it knows of the items within a window, shared by all replicas.

Keys lead to references, references to records, records to stories; a reader gets the whole chain in one round trip,
and a writer's batch is taken only if nothing that it was judged on has changed since. The state keeps *who* was first,
never a yes or no: that would call a replay a duplicate of itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

REF_BYTES = 8
HASH_BYTES = 4
MAX_POSTINGS = 12
"""A shingle that more items share is template or boilerplate, and stops voting (measured)."""

MAX_NEAR = 4
MIN_NEAR = 2
"""The most candidates, and the fewest hashes that each must share."""

GENERATION = timedelta(days=7)
GENERATIONS = 3
"""Items are stored by week of their own clock; a look-up reads three weeks: a window of 14 to 21 days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """What to look for: `keys` exactly, `hashes` (4 bytes each) for likeness; `at` is the item's own clock, Unix seconds."""

    at: int
    keys: tuple[bytes, ...]
    hashes: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """What is known: values by key, each beginning with a reference; the likest references with their counts, best first.

    `records` are those of all references named; each begins with the reference of its story, found in `stories`.
    `version` is a digest of all of it: unchanged means judged rightly.
    """

    values: Mapping[bytes, bytes] = field(default_factory=dict)
    near: Sequence[tuple[bytes, int]] = ()
    records: Mapping[bytes, bytes] = field(default_factory=dict)
    stories: Mapping[bytes, bytes] = field(default_factory=dict)
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What one item adds: values of keys (replaced), its record under `ref`, its hashes' postings, its story's value."""

    at: int
    values: Mapping[bytes, bytes]
    ref: bytes = b""
    record: bytes = b""
    hashes: tuple[bytes, ...] = ()
    story: bytes = b""
    story_value: bytes = b""


class Seen(Protocol):
    """The memory of dedupe."""

    async def candidates(self, asks: Sequence[Lookup]) -> Sequence[Candidates]:
        """The candidates of each look-up, in order. One round trip."""
        ...

    async def settle(self, asks: Sequence[Lookup], versions: Sequence[str], writes: Sequence[Update]) -> bool:
        """Write all in order if every ask still has the answer of that version; else nothing, and False. One round trip."""
        ...


def generations(at: int) -> range:
    """The generations to look at, newest first, and the first to write to."""
    now = at // int(GENERATION.total_seconds())
    return range(now, now - GENERATIONS, -1)


def likest(counts: Mapping[bytes, int]) -> list[tuple[bytes, int]]:
    """The references that share most hashes, best first; ties by reference, so that all backends agree."""
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [pair for pair in ranked[:MAX_NEAR] if pair[1] >= MIN_NEAR]


def version_of(parts: Iterable[Iterable[bytes]]) -> str:
    """The version of an answer given as lists, each part in an order that is the same whenever the content is."""
    text = b"|".join(b"".join(b"%d:%b" % (len(part), part) for part in each) for each in parts)
    return hashlib.sha1(text, usedforsecurity=False).hexdigest()


def split(packed: bytes) -> list[bytes]:
    """The references of a posting list."""
    return [packed[at : at + REF_BYTES] for at in range(0, len(packed), REF_BYTES)]
