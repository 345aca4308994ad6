"""What feeds want to be shown, as values and rows, changed within a transaction that is already under way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Row, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database.statements import insert_into, padded
from wiredesk.database.tables import feed_credentials


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedCredentials:
    """Where a feed's secrets are, and the `user:password` that stood in its URL, as it was written there.

    `places` are pairs of what it is, `user`, `password`, `header NAME` or `query NAME`, and where: `env:NAME` or
    `file:PATH`. `to_pages`: pages of the feed's origin are shown them too.
    """

    places: tuple[tuple[str, str], ...] = ()
    login: str = field(default="", repr=False)
    to_pages: bool = False


NO_CREDENTIALS = FeedCredentials()


async def store(connection: AsyncConnection, feed: str, credentials: FeedCredentials) -> None:
    """Let `credentials` be those of `feed`; what its entries are named by stays."""
    insert = insert_into(connection, feed_credentials)
    changed = ("places", "login", "to_pages")
    statement = insert.on_conflict_do_update(
        index_elements=["feed"], set_={name: getattr(insert.excluded, name) for name in changed}
    )
    row = {
        "feed": feed,
        "places": msgspec.json.encode(dict(credentials.places)).decode(),
        "login": credentials.login,
        "to_pages": credentials.to_pages,
        "known_as": "",
    }
    await connection.execute(statement, row)


async def remove(connection: AsyncConnection, gone: Sequence[str]) -> None:
    """Forget those of feeds that are gone."""
    await connection.execute(delete(feed_credentials).where(feed_credentials.c.feed.in_(padded(gone))))


async def for_pages(connection: AsyncConnection) -> Mapping[str, FeedCredentials]:
    """Those that pages are shown too, by feed."""
    rows = await connection.execute(select(feed_credentials).where(feed_credentials.c.to_pages))
    return {row.feed: credentials_of(row) for row in rows}


def credentials_of(row: Row[Any]) -> FeedCredentials:
    """Of a row that may have none."""
    if row.places is None:
        return NO_CREDENTIALS
    places: dict[str, str] = msgspec.json.decode(row.places, type=dict[str, str])
    return FeedCredentials(places=tuple(sorted(places.items())), login=row.login, to_pages=row.to_pages)
