"""What dedupe keeps of an item in the shared state, as bytes; the layout is private to this role."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b

import msgspec

from wiredesk.events import Story, Verdict
from wiredesk.events.kinds import VerdictKind
from wiredesk.roles.dedupe.sketch import Sketch
from wiredesk.state.seen import REF_BYTES

MAX_SOURCES = 256
"""More sources than these are counted as so many."""

KINDS: tuple[VerdictKind, ...] = ("new", "revision", "duplicate")
HOWS = ("", "first seen", "fingerprint", "same article", "origin", "near copy", "update", "correction", "same comment")
CHANGED = ("title", "text")

_VERDICT = struct.Struct(">8sBBBB16s16sHHI")  # 52 bytes: below what Redis keeps in its compact hashes


class ArticleRecord(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """An article as later ones are judged against it."""

    article: bytes
    root: bytes  # the original's article: who was first with this text
    story: bytes
    at: int
    sketch: Sketch


class StoryTally(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """A story's members so far; `sources` are short hashes."""

    first_seen: int
    items: int
    sources: tuple[int, ...]

    def with_item(self, source: str, *, first_seen: int) -> StoryTally:
        """The tally with one more item of `source`."""
        short = int.from_bytes(blake2b(source.encode(), digest_size=4).digest(), "big")
        sources = self.sources if short in self.sources else (*self.sources, short)[:MAX_SOURCES]
        return StoryTally(first_seen=min(self.first_seen, first_seen), items=self.items + 1, sources=sources)

    def story(self, name: bytes) -> Story:
        """The story as events carry it."""
        return Story(
            id=name.hex(),
            sources=len(self.sources),
            items=self.items,
            first_seen=datetime.fromtimestamp(self.first_seen, UTC),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict with its story; comments have none."""

    verdict: Verdict
    story: Story | None


def ref_of(name: bytes) -> bytes:
    """The short reference of an article, story or capture."""
    return name[:REF_BYTES]


def key(kind: str, *parts: bytes) -> bytes:
    """A key of the exact look-up: `c`apture, `f`ingerprint, `a`rticle, co`m`ment, comment `t`ext."""
    return kind.encode() + blake2b(b"\0".join(parts), digest_size=16).digest()


def pack_record(record: ArticleRecord) -> bytes:
    """The record, after its story's reference."""
    return ref_of(record.story) + msgspec.msgpack.encode(record)


def unpack_record(packed: bytes) -> ArticleRecord:
    """The record that `pack_record` made."""
    return msgspec.msgpack.decode(packed[REF_BYTES:], type=ArticleRecord)


def pack_judgement(ref: bytes, judgement: Judgement) -> bytes:
    """Pack a verdict, so that a replay gets the same."""
    verdict, story = judgement.verdict, judgement.story
    changed = sum(1 << CHANGED.index(name) for name in verdict.changed)
    score = 255 if verdict.score is None else round(verdict.score * 254)
    return _VERDICT.pack(
        ref,
        KINDS.index(verdict.kind),
        HOWS.index(verdict.how),
        score,
        changed | (0x80 if verdict.campaign else 0),
        bytes.fromhex(verdict.of) if verdict.of else bytes(16),
        bytes.fromhex(story.id) if story else bytes(16),
        min(65_535, story.items) if story else 0,
        story.sources if story else 0,
        int(story.first_seen.timestamp()) if story else 0,
    )


def unpack_judgement(packed: bytes, *, campaign: str) -> Judgement:
    """The verdict that `pack_judgement` kept; `campaign` is the name it has where it belongs to one."""
    _, kind, how, score, flags, of, story, items, sources, first_seen = _VERDICT.unpack(packed)
    verdict = Verdict(
        kind=KINDS[kind],
        how=HOWS[how],
        score=None if score == 255 else round(score / 254, 3),
        of=of.hex() if any(of) else None,
        changed=tuple(name for bit, name in enumerate(CHANGED) if flags >> bit & 1),
        campaign=campaign if flags & 0x80 else None,
    )
    whole = Story(id=story.hex(), items=items, sources=sources, first_seen=datetime.fromtimestamp(first_seen, UTC))
    return Judgement(verdict=verdict, story=whole if items else None)
