"""Feeds as values, and their rows, changed within a transaction that is already under way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import Row, Select, and_, bindparam, case, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk import urls
from wiredesk.database import credential_rows, due_rows
from wiredesk.database.credential_rows import NO_CREDENTIALS, FeedCredentials
from wiredesk.database.due_rows import Job
from wiredesk.database.poll_rows import FeedHealth
from wiredesk.database.statements import in_batches, insert_into, padded
from wiredesk.database.tables import due, feed_credentials, feeds

FEED = "feed"
"""Kind of the due rows of feeds; their key is the URL."""

STATES = ("failing", "dormant", "ok", "paused")
"""Of a feed, by how much they are to be looked at."""

Origin: TypeAlias = Literal["file", "flag", "command", "import"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSubscription:
    """A feed that is polled; `origin` is who manages it; `backfill` alerts also on what is already there."""

    url: str
    origin: Origin
    priority: float = 1.0
    paused: bool = False
    backfill: bool = False
    added_at: datetime
    credentials: FeedCredentials = NO_CREDENTIALS
    known_as: str = field(default="", repr=False)  # what its entries are named by, where that is not its URL


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFeed:
    """A subscription, and what `Poll.state` was last; None before the first poll."""

    subscription: FeedSubscription
    state: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStatus:
    """How polling a feed goes; `next_poll_at` is None while it is paused."""

    url: str
    title: str
    last_polled_at: datetime | None
    last_success_at: datetime | None
    next_poll_at: datetime | None
    status_code: int | None
    failures: float
    reason: str
    entries: int
    state: FeedHealth | Literal["paused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncedFeeds:
    """What a sync did, by URL; `kept` are those that another origin manages."""

    added: Sequence[str] = field(default=())
    removed: Sequence[str] = field(default=())
    changed: Sequence[str] = field(default=())
    kept: Sequence[str] = field(default=())


_SUBSCRIBED = (
    *(feeds.c[name] for name in ("url", "origin", "priority", "paused", "backfill", "added_at")),
    *(feed_credentials.c[name] for name in ("places", "login", "to_pages", "known_as")),
)
"""The columns of a subscription."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """How feeds do: how many are in each state, and the first of them, the sick ones before the others."""

    counts: Mapping[str, int]
    first: Sequence[FeedStatus]


async def overview(connection: AsyncConnection, *, most: int) -> Overview:
    """The overview, with `most` feeds at most."""
    state = case((feeds.c.paused, "paused"), else_=feeds.c.health)
    by_state = select(state.label("state"), func.count().label("feeds")).group_by(state)
    rank = case({name: number for number, name in enumerate(STATES)}, value=state, else_=len(STATES))
    by_need = (
        statuses().order_by(None).order_by(rank, func.coalesce(func.nullif(func.lower(feeds.c.title), ""), feeds.c.url))
    )
    return Overview(
        counts={name: number for name, number in await connection.execute(by_state)},
        first=[status(row) for row in await connection.execute(by_need.limit(most))],
    )


def statuses() -> Select[Any]:
    """Every feed with its next poll, by URL, without the state that polling keeps of it."""
    polls = and_(due.c.kind == FEED, due.c.key == feeds.c.url)
    columns = [column for column in feeds.c if column.name not in ("state", "listed")]
    statement = select(*columns, due.c.due.label("next_poll_at")).outerjoin_from(feeds, due, polls)
    return statement.order_by(feeds.c.url)


async def every(connection: AsyncConnection, *, hold: bool = False) -> list[FeedSubscription]:
    """All subscriptions by URL; held until the transaction ends where `hold` says so."""
    statement = _subscriptions().order_by(feeds.c.url)
    rows = await connection.execute(statement.with_for_update(of=feeds) if hold else statement)
    return [_subscription(row) for row in rows]


async def load(connection: AsyncConnection, url: str, *, hold: bool = False) -> FeedSubscription | None:
    """One subscription, if it is there."""
    statement = _subscriptions().where(feeds.c.url == url)
    row = (await connection.execute(statement.with_for_update(of=feeds) if hold else statement)).first()
    return _subscription(row) if row else None


def _subscriptions() -> Select[Any]:
    known = feed_credentials.c.feed == feeds.c.url
    return select(*_SUBSCRIBED).outerjoin_from(feeds, feed_credentials, known)


_KNOWN = (
    select(*_SUBSCRIBED, feeds.c.state)
    .outerjoin_from(feeds, feed_credentials, feed_credentials.c.feed == feeds.c.url)
    .where(feeds.c.url.in_(bindparam("urls", expanding=True)))
)


async def stored_url(connection: AsyncConnection, url: str) -> str | None:
    """The URL under which the feed at `url` is stored, which may be written otherwise; None where it is not there."""
    canonical = urls.subscribed(url)
    ends_alike = feeds.c.url.endswith(urls.after_authority(canonical), autoescape=True)
    statement = select(feeds.c.url).where(or_(ends_alike, feeds.c.url.in_([url, canonical.removesuffix("/")])))
    stored = set((await connection.execute(statement)).scalars())
    return (
        url if url in stored else min((known for known in stored if urls.subscribed(known) == canonical), default=None)
    )


async def insert(connection: AsyncConnection, subscriptions: Sequence[FeedSubscription]) -> set[str]:
    """Insert those that are not there, with a due row where they are not paused; the URLs that were new."""
    statement = insert_into(connection, feeds).on_conflict_do_nothing().returning(feeds.c.url)
    new: set[str] = set()
    for batch in in_batches(subscriptions):
        new.update((await connection.execute(statement.values([_row(feed) for feed in batch]))).scalars())
    polled = {feed.url: job(feed) for feed in subscriptions if feed.url in new and not feed.paused}
    for jobs in in_batches(list(polled.items())):
        await due_rows.insert(connection, FEED, dict(jobs))
    for feed in subscriptions:
        if feed.url in new and feed.credentials != NO_CREDENTIALS:
            await credential_rows.store(connection, feed.url, feed.credentials)
    return new


async def remove(connection: AsyncConnection, gone: Sequence[str]) -> int:
    """Delete feeds and their due rows; how many feeds there were."""
    removed = 0
    for batch in in_batches(gone):
        removed += (await connection.execute(delete(feeds).where(feeds.c.url.in_(padded(batch))))).rowcount
        await due_rows.remove(connection, FEED, batch)
        await credential_rows.remove(connection, batch)
    return removed


def job(subscription: FeedSubscription) -> Job:
    """The due row of a feed that has just been added: due at once, and waited for."""
    return Job(kind=FEED, key=subscription.url, host=urls.site_of(subscription.url), due=subscription.added_at)


def differs(subscription: FeedSubscription, known: FeedSubscription) -> bool:
    """Whether what `subscription` says of a feed is not what is stored; a pause is the operator's, not the file's."""
    told = (subscription.priority, subscription.backfill, subscription.credentials)
    return told != (known.priority, known.backfill, known.credentials)


async def known(connection: AsyncConnection, wanted: Sequence[str]) -> dict[str, KnownFeed]:
    """Those of the feeds at `wanted` that are there, by URL."""
    found: dict[str, KnownFeed] = {}
    for batch in in_batches(sorted(set(wanted))):
        for row in await connection.execute(_KNOWN, {"urls": padded(batch)}):
            found[row.url] = KnownFeed(subscription=_subscription(row), state=row.state)
    return found


def status(row: Row[Any]) -> FeedStatus:
    """How polling goes, of a row of `feeds` with `next_poll_at`."""
    return FeedStatus(
        url=row.url,
        title=row.title,
        last_polled_at=row.last_polled_at,
        last_success_at=row.last_success_at,
        next_poll_at=row.next_poll_at,
        status_code=row.status_code,
        failures=row.failures,
        reason=row.reason,
        entries=row.entries,
        state="paused" if row.paused else row.health,
    )


def _subscription(row: Row[Any]) -> FeedSubscription:
    return FeedSubscription(
        url=row.url,
        origin=row.origin,
        priority=row.priority,
        paused=row.paused,
        backfill=row.backfill,
        added_at=row.added_at,
        credentials=credential_rows.credentials_of(row),
        known_as=row.known_as or "",
    )


def _row(new: FeedSubscription) -> dict[str, object]:
    return {
        "url": new.url,
        "origin": new.origin,
        "priority": new.priority,
        "paused": new.paused,
        "backfill": new.backfill,
        "added_at": new.added_at,
        "title": "",
        "failures": 0.0,
        "reason": "",
        "entries": 0,
        "health": "ok",
    }
