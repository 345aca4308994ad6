"""The memory of dedupe in Redis: one script, one call to read a batch, one to settle it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

import msgspec

from wiredesk.state.seen import Answer, Ask, Write, version_of

SCRIPT = files("wiredesk.state").joinpath("seen.lua").read_text("utf-8")


def packed_asks(asks: Sequence[Ask]) -> bytes:
    """Asks as the script reads them."""
    return msgspec.msgpack.encode([(ask.at, ask.keys, ask.hashes) for ask in asks])


def packed_writes(writes: Sequence[Write]) -> bytes:
    """Writes as the script reads them."""
    return msgspec.msgpack.encode(
        [
            (
                write.at, [part for pair in write.values.items() for part in pair], write.ref, write.record,
                write.hashes, write.story, write.story_value,
            )
            for write in writes
        ]
    )  # fmt: skip


def answer_of(lists: Sequence[Sequence[bytes]]) -> Answer:
    """The script's four lists as an answer."""
    values, near, records, stories = lists
    return Answer(
        values=_pairs(values), near=[(ref, int(count)) for ref, count in _pairs(near).items()],
        records=_pairs(records), stories=_pairs(stories), version=version_of(lists),
    )  # fmt: skip


def _pairs(flat: Sequence[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))
