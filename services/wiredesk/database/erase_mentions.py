"""Finding the alerts that tell of an erased source or author: nothing but their bodies names these."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk import urls
from wiredesk.database.item_rows import author_key
from wiredesk.database.tables import alerts

AT_ONCE = 1_000


class _Item(msgspec.Struct):
    id: str
    url: str = ""
    source: str = ""
    author: str = ""
    authors: tuple[str, ...] = ()


class _AlertData(msgspec.Struct):
    article: _Item | None = None
    comment: _Item | None = None


class _AlertBody(msgspec.Struct):
    data: _AlertData


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertedItems:
    """Items of which some alerts tell; `last` is the last of these alerts, None where no more follow."""

    ids: Sequence[str]
    last: str | None


async def alerted(
    connection: AsyncConnection, *, after: str, sources: Collection[str], authors: Collection[str]
) -> AlertedItems:
    """The items of these sources, or of authors with these keys, in the next alerts after the one of id `after`."""
    page = select(alerts.c.id, alerts.c.body).where(alerts.c.id > after).order_by(alerts.c.id).limit(AT_ONCE)
    rows = (await connection.execute(page)).all()
    ids = {item.id for row in rows if (item := _mention_in(row.body)) and _is_of(item, sources, authors)}
    return AlertedItems(ids=sorted(ids), last=rows[-1].id if len(rows) == AT_ONCE else None)


def _is_of(item: _Item, sources: Collection[str], authors: Collection[str]) -> bool:
    names = {author_key(name) for name in (item.author, *item.authors) if name.strip()}
    return (item.source or urls.site_of(item.url)).casefold() in sources or not names.isdisjoint(authors)


def _mention_in(body: bytes) -> _Item | None:
    try:
        data = msgspec.json.decode(body, type=_AlertBody).data
    except msgspec.MsgspecError:  # of another version, in which nothing can be found
        return None
    return data.article or data.comment
