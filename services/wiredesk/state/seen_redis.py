"""The memory of dedupe in Redis: one script, one call to read a batch, one to settle it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from importlib.resources import files
from typing import cast

from wiredesk.state.seen import (
    GENERATION,
    GENERATIONS,
    HASH_BYTES,
    MAX_NEAR,
    MAX_POSTINGS,
    MIN_NEAR,
    REF_BYTES,
    Candidates,
    Lookup,
    Update,
    version_of,
)

SCRIPT = files("wiredesk.state").joinpath("seen.lua").read_text("utf-8")

Argument = bytes | str | int
Script = Callable[[Sequence[str], Sequence[Argument]], Awaitable[object]]
"""Runs a script with keys and arguments; raises `Unavailable`."""

_CONSTANTS = (
    MAX_POSTINGS,
    MAX_NEAR,
    MIN_NEAR,
    REF_BYTES,
    HASH_BYTES,
    int(GENERATION.total_seconds()),
    GENERATIONS,
)


class RedisSeen:
    """The memory under keys that begin with `prefix`, which carries a hash tag."""

    def __init__(self, script: Script, *, prefix: str) -> None:
        self._script, self._keys = script, (prefix,)

    async def candidates(self, asks: Sequence[Lookup]) -> Sequence[Candidates]:
        """See `Seen`."""
        answers = await self._script(self._keys, ["candidates", *_CONSTANTS, *asks_as_arguments(asks)])
        return [answer_of(lists) for lists in cast(Sequence[Sequence[Sequence[bytes]]], answers)]

    async def settle(self, asks: Sequence[Lookup], versions: Sequence[str], writes: Sequence[Update]) -> bool:
        """See `Seen`."""
        arguments = ["settle", *_CONSTANTS, *asks_as_arguments(asks), *versions, *writes_as_arguments(writes)]
        return await self._script(self._keys, arguments) == 1


def asks_as_arguments(asks: Sequence[Lookup]) -> list[Argument]:
    """Asks as the script reads them."""
    arguments: list[Argument] = [len(asks)]
    for ask in asks:
        arguments += [ask.at, len(ask.keys), *ask.keys, _joined(ask.hashes)]
    return arguments


def writes_as_arguments(writes: Sequence[Update]) -> list[Argument]:
    """Writes as the script reads them."""
    arguments: list[Argument] = [len(writes)]
    for write in writes:
        values = [part for pair in write.values.items() for part in pair]
        arguments += [write.at, len(values), *values, write.ref, write.record]
        arguments += [_joined(write.hashes), write.story, write.story_value]
    return arguments


def _joined(hashes: Sequence[bytes]) -> bytes:
    return b"".join(dict.fromkeys(hashes))


def answer_of(lists: Sequence[Sequence[bytes]]) -> Candidates:
    """The script's four lists as an answer."""
    values, near, records, stories = lists
    return Candidates(
        values=_pairs(values),
        near=[(ref, int(count)) for ref, count in _pairs(near).items()],
        records=_pairs(records),
        stories=_pairs(stories),
        version=version_of(lists),
    )


def _pairs(flat: Sequence[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))
