"""Feeds as values, and their rows, changed within a transaction that is already under way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import LargeBinary, Row, Select, Update, and_, bindparam, case, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk import urls
from wiredesk.database import credential_rows, due_rows
from wiredesk.database.credential_rows import NO_CREDENTIALS, FeedCredentials
from wiredesk.database.due_rows import Job
from wiredesk.database.entry_rows import Pair
from wiredesk.database.statements import in_batches, insert_into, padded
from wiredesk.database.tables import due, feed_credentials, feeds

FEED = "feed"
"""Kind of the due rows of feeds; their key is the URL."""

STATES = ("failing", "dormant", "ok", "paused")
"""Of a feed, by how much they are to be looked at."""

Origin: TypeAlias = Literal["file", "flag", "command", "import"]
FeedHealth: TypeAlias = Literal["ok", "failing", "dormant"]


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
class PollNote:
    """How a poll went; `entries` is what the document listed, `failures` their weight since the last success."""

    title: str | None = None  # None leaves the one known
    status_code: int | None = None
    succeeded: bool = True
    failures: float = 0.0
    reason: str = ""
    entries: int | None = None  # None leaves the number known: 304 says nothing of it
    state: FeedHealth = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFeed:
    """A subscription, and what `Poll.state` was last; None before the first poll."""

    subscription: FeedSubscription
    state: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """What is to be remembered of a poll of the leased `job`, which is due again at `again_at`.

    `state` and `listed` are opaque, None where they are what they were; `entries` are those to note as shown, of which
    `returned` were shown before others.
    """

    job: Job
    url: str
    state: bytes | None
    listed: bytes | None = None
    status: PollNote
    entries: Sequence[Pair]
    seen_at: datetime
    again_at: datetime
    routine: bool = True
    returned: Collection[Pair] = ()


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
_HOLD = (
    select(feeds.c.url)
    .where(feeds.c.url.in_(bindparam("urls", expanding=True)))
    .order_by(feeds.c.url)
    .with_for_update()
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


async def hold(connection: AsyncConnection, wanted: Iterable[str]) -> None:
    """Hold the rows of the feeds at `wanted` until the transaction ends."""
    for batch in in_batches(sorted(set(wanted))):
        await connection.execute(_HOLD, {"urls": padded(batch)})


async def note(connection: AsyncConnection, polls: Sequence[Poll]) -> None:
    """Write how `polls` of as many feeds went. A state that has not changed is not written again."""
    for columns, statement in _NOTES.items():
        rows = [
            _noted(poll)
            for poll in polls
            if columns == tuple(n for n in ("state", "listed") if getattr(poll, n) is not None)
        ]
        if rows:
            await connection.execute(statement, rows)


def _note_of(*opaque: str) -> Update:
    """Writes how polls went, and those of the opaque columns."""
    table = feeds.c
    return (
        update(feeds)
        .where(table.url == bindparam("of_url"))
        .values(
            last_polled_at=bindparam("seen_at", type_=table.last_polled_at.type),
            last_success_at=func.coalesce(
                bindparam("succeeded_at", type_=table.last_success_at.type), table.last_success_at
            ),
            listed_at=func.coalesce(bindparam("entries_at", type_=table.listed_at.type), table.listed_at),
            status_code=bindparam("new_status_code", type_=table.status_code.type),
            failures=bindparam("new_failures", type_=table.failures.type),
            reason=bindparam("new_reason", type_=table.reason.type),
            health=bindparam("new_health", type_=table.health.type),
            title=func.coalesce(bindparam("new_title", type_=table.title.type), table.title),
            entries=func.coalesce(bindparam("new_entries", type_=table.entries.type), table.entries),
            **{name: bindparam(f"new_{name}", type_=LargeBinary) for name in opaque},
        )
    )


_NOTES = {columns: _note_of(*columns) for columns in ((), ("state",), ("listed",), ("state", "listed"))}


def _noted(poll: Poll) -> dict[str, object]:
    status = poll.status
    row: dict[str, object] = {
        "of_url": poll.url,
        "seen_at": poll.seen_at,
        "succeeded_at": poll.seen_at if status.succeeded else None,
        "entries_at": poll.seen_at if status.entries or poll.entries else None,
        "new_status_code": status.status_code,
        "new_failures": status.failures,
        "new_reason": status.reason,
        "new_health": status.state,
        "new_title": status.title,
        "new_entries": status.entries,
    }
    opaque = {"new_state": poll.state, "new_listed": poll.listed}
    return row | {name: value for name, value in opaque.items() if value is not None}


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
