"""What is looked for among the stored items, as conditions."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, or_, select

from wiredesk.database import fulltext
from wiredesk.database.item_rows import region_key
from wiredesk.database.tables import item_regions, items

MAX_LIMIT = 1_000


class ItemQuery(msgspec.Struct, frozen=True, kw_only=True):
    """All of it must hold; what is empty or None asks nothing.

    `text` is words, "quoted phrases" and -what not; `region` finds what lies in it too, `language` its variants;
    `since` and `until` (excluded) are about when the item was stored; `before_seq` goes on from an earlier page.
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
    limit: int = 50


def conditions(query: ItemQuery, *, dialect: str) -> list[ColumnElement[bool]]:
    """What holds for the rows of `items` joined with `item_events` that `query` looks for."""
    found: list[ColumnElement[bool]] = []
    if query.text.strip():
        found += fulltext.matches(fulltext.parse(query.text), dialect=dialect)
    if query.region:
        code = region_key(query.region)
        found.append(items.c.id.in_(select(item_regions.c.item_id).where(item_regions.c.code == code)))
    if query.language:
        language = query.language.casefold()
        variants = items.c.language.startswith(f"{language}-", autoescape=True)
        found.append(or_(items.c.language == language, variants))
    if query.source:
        found.append(items.c.source == query.source.casefold())
    exact = ((items.c.kind, query.kind), (items.c.story, query.story), (items.c.article_id, query.article_id))
    found += [column == value for column, value in exact if value]
    if query.since is not None:
        found.append(items.c.stored_at >= query.since)
    if query.until is not None:
        found.append(items.c.stored_at < query.until)
    if query.before_seq is not None:
        found.append(items.c.seq < query.before_seq)
    return found
