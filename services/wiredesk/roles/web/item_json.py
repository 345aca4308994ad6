"""An item as JSON: the same from the API, the live stream and the command line."""

from __future__ import annotations

import msgspec

from wiredesk.database.items import Sighting, StoredItem
from wiredesk.events import Time


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """What the database adds to an item: its place in the sequence of changes, when it was stored, where else it was seen.

    `first_seen` is that of its earliest version, `comments` is how many comments on it are stored.
    """

    kind: str
    seq: int
    stored_at: Time
    first_seen: Time | None
    sources: tuple[Sighting, ...]
    comments: int


def rendered(item: StoredItem) -> dict[str, object]:
    """An item as the API gives it: the event's fields, when it was stored, where else it was seen."""
    stored = Stored(
        kind=item.kind,
        seq=item.seq,
        stored_at=item.stored_at,
        first_seen=item.first_seen,
        sources=tuple(item.sources),
        comments=item.comments,
    )
    return {"kind": item.kind, **msgspec.structs.asdict(item.event), **msgspec.structs.asdict(stored)}
