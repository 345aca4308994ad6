"""Finding what tells of an erased item without naming it in a column: rows that carry others' words."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Collection
from typing import Any

import msgspec
from sqlalchemy import LargeBinary, Row, Select, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk import urls
from wiredesk.database import due_rows
from wiredesk.database.item_rows import author_key
from wiredesk.database.tables import alerts, due

AT_ONCE = 1_000

HEAD_BYTES = 300
"""A payload that tells of an entry names it at its beginning: so pages of text need not be read. A test holds it."""

_QUOTED = re.compile(rb'"([^"\\]{1,200})"')


class _Told(msgspec.Struct):
    id: str
    url: str = ""
    source: str = ""
    author: str = ""
    authors: tuple[str, ...] = ()


class _Data(msgspec.Struct):
    article: _Told | None = None
    comment: _Told | None = None


class _Body(msgspec.Struct):
    data: _Data


async def remove_due(connection: AsyncConnection, names: Collection[str]) -> None:
    """Delete the due rows whose payload names one of `names` at its beginning, as JSON text."""
    if not names:
        return
    wanted = {name.encode() for name in names}
    head = func.substr(due.c.payload, 1, HEAD_BYTES, type_=LargeBinary).label("head")
    found: dict[str, list[str]] = {}
    async for row in _all(connection, select(due.c.kind, due.c.key, head), key=(due.c.kind, due.c.key)):
        if not wanted.isdisjoint(_QUOTED.findall(row.head or b"")):
            found.setdefault(row.kind, []).append(row.key)
    for kind, keys in sorted(found.items()):
        await due_rows.remove(connection, kind, keys)


async def alerted(connection: AsyncConnection, *, sources: Collection[str], authors: Collection[str]) -> set[str]:
    """The items of these sources, or of authors with these keys, of which an alert tells, stored or not."""
    if not sources and not authors:
        return set()
    found: set[str] = set()
    async for row in _all(connection, select(alerts.c.id, alerts.c.body), key=(alerts.c.id,)):
        told = _told(row.body)
        if told is None:
            continue
        source = (told.source or urls.site_of(told.url)).casefold()
        names = {author_key(name) for name in (told.author, *told.authors) if name.strip()}
        if source in sources or not names.isdisjoint(authors):
            found.add(told.id)
    return found


def _told(body: bytes) -> _Told | None:
    try:
        data = msgspec.json.decode(body, type=_Body).data
    except msgspec.MsgspecError:  # of another version, in which nothing can be found
        return None
    return data.article or data.comment


async def _all(connection: AsyncConnection, statement: Select[Any], *, key: tuple[Any, ...]) -> AsyncIterator[Row[Any]]:
    """Every row, some at a time, so that memory stays small however many there are."""
    after: tuple[object, ...] | None = None
    while True:
        page = statement.order_by(*key).limit(AT_ONCE)
        if after is not None:
            page = page.where(tuple_(*key) > tuple_(*(literal(value) for value in after)))
        rows = (await connection.execute(page)).all()
        for row in rows:
            yield row
        if len(rows) < AT_ONCE:
            return
        after = tuple(rows[-1]._mapping[column] for column in key)
