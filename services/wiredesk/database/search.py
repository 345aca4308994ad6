"""A search among the stored items, and whether one item matches it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import msgspec

from wiredesk.database import fulltext
from wiredesk.database.item_rows import StoredItem, language_of, source_of
from wiredesk.events import Article, Comment
from wiredesk.query.regions import region_key, within
from wiredesk.text import hosts

MAX_LIMIT = 1_000


class ItemQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The conditions of a search: all must hold; one that is empty or None is no condition.

    `text` is words, "quoted phrases" and -what not; `region` finds what lies in it too, `language` its variants;
    `since` and `until` (excluded) are about when the item was stored; `before_seq` and `after_seq` (both excluded) go on
    from an earlier page, `oldest_first` turns the order round.
    """

    text: str = ""
    region: str = ""
    source: str = ""
    language: str = ""
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None
    story: str = ""
    article_id: str = ""
    before_seq: int | None = None
    after_seq: int | None = None
    oldest_first: bool = False
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPage:
    """Some of what a search found, in its order; `goes_on` where there is more, which one item at least leads to."""

    items: Sequence[StoredItem]
    goes_on: bool


def holds(query: ItemQuery, item: StoredItem, *, run: Callable[[], str]) -> bool:
    """Whether a search would find `item`; `run` is its `fulltext.searchable`, asked for only where it matters."""
    event = item.event
    language, prefix = language_of(event), query.language.casefold()
    exact = (
        (query.kind, item.kind),
        (query.story, event.story.id if isinstance(event, Article) and event.story else None),
        (query.article_id, event.article_id if isinstance(event, Comment) else None),
    )
    return (
        all(not value or value == item_value for value, item_value in exact)
        and (not query.source or source_of(event) in hosts.forms(query.source))
        and (not prefix or language == prefix or language.startswith(f"{prefix}-"))
        and (not query.region or any(region_key(query.region) in within(region.code) for region in event.regions))
        and (query.since is None or item.stored_at >= query.since)
        and (query.until is None or item.stored_at < query.until)
        and (query.before_seq is None or item.seq < query.before_seq)
        and (query.after_seq is None or item.seq > query.after_seq)
        and (not query.text.strip() or fulltext.contains(_parsed(query.text), run()))
    )


_parsed = lru_cache(maxsize=4_096)(fulltext.parse)
