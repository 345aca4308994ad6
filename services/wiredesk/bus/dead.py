"""The dead letters as a list: it reads, shows and replays them.

A log forgets nothing before its time, so a replay leaves a marker in the same topic: a record without value whose
`dead_replayed` header names the letter. Letters so named, and the markers, are no longer listed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from wiredesk.bus import Bus, Consumed, Record
from wiredesk.bus.records import header, revived
from wiredesk.errors import Misconfigured

REPLAYED_HEADER = "dead_replayed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A dead letter; `id` is its place in the dead letters' topic, `PARTITION-OFFSET`."""

    id: str
    record: Consumed

    def fact(self, name: str) -> str:
        """A `dead_` header without its prefix: topic, partition, offset, role, reason, error, traceback, time."""
        return header(self.record, f"dead_{name}")


async def letters(bus: Bus, *, prefix: str) -> AsyncIterator[Letter]:
    """Every letter that has not been replayed, oldest first."""
    topic = f"{prefix}.dead"
    replayed = {header(record, REPLAYED_HEADER) async for record in bus.browse(topic)}
    async for record in bus.browse(topic):
        letter = Letter(id=f"{record.partition}-{record.offset}", record=record)
        if letter.id not in replayed and not header(record, REPLAYED_HEADER):
            yield letter


async def find(bus: Bus, letter_id: str, *, prefix: str) -> Letter:
    """The letter of that id. Raises `Misconfigured` where it is not listed."""
    async for letter in letters(bus, prefix=prefix):
        if letter.id == letter_id:
            return letter
    raise Misconfigured(f"no dead letter {letter_id!r}: `wiredesk dead list` gives their ids")


async def replay(bus: Bus, letter: Letter, *, value: bytes | None = None) -> None:
    """Replay the letter: send its record to its own topic, with `value` where given; the letter leaves the list.

    Raises `Malformed` where only the record's beginning was kept and no `value` is given.
    """
    again = revived(letter.record, value=value)
    marker = Record(
        topic=letter.record.topic, key=letter.record.key, value=b"", headers=((REPLAYED_HEADER, letter.id.encode()),)
    )
    # The record first: a crash between the two sends it twice, which is harmless; the other order would lose it.
    await bus.publish([again])
    await bus.publish([marker])
