"""Items as a stream sends them: server-sent events (HTML Standard, 9.2)."""

from __future__ import annotations

import msgspec

from wiredesk.database import fulltext
from wiredesk.database.item_rows import content_of
from wiredesk.database.items import StoredItem
from wiredesk.database.search import ItemQuery, holds
from wiredesk.roles.web.item_json import rendered


class Frame:
    """One item for all readers: encoded once, its text split once."""

    def __init__(self, item: StoredItem) -> None:
        self.seq = item.seq
        self.sent = b"id: %d\ndata: %b\n\n" % (item.seq, msgspec.json.encode(rendered(item)))
        self._item = item
        self._run: str | None = None

    def suits(self, query: ItemQuery) -> bool:
        """Whether the item is what `query` looks for."""
        return holds(query, self._item, run=self.run)

    def run(self) -> str:
        """Its searchable text; milliseconds of work at the first call for a long one."""
        if self._run is None:
            self._run = fulltext.searchable(content_of(self._item.event))
        return self._run


def position(seq: int) -> bytes:
    """A frame that moves a reader's last event id on: an event without data does nothing else."""
    return b":\nid: %d\n\n" % seq


def opening(seq: int, *, retry_milliseconds: int) -> bytes:
    """The first frame of a stream."""
    return b"retry: %d\n%b" % (retry_milliseconds, position(seq))
