"""Rows of pages and of what is due of them, changed within a transaction that is already under way.

Kinds of due rows are held in the order of `KINDS`, then pages in order of their keys: so nobody deadlocks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, bindparam, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from wiredesk.database import due_rows, fair_hosts
from wiredesk.database.due_rows import Job, Settlement
from wiredesk.database.statements import in_batches, insert_into, padded
from wiredesk.database.tables import due, pages

PAGE = "page"
"""Kind of the due rows of pages to be fetched: each is one request for the page."""

THREAD = "thread"
"""Kind of the due rows of pages to be looked at again for new comments and corrections."""

COMMENTS = "comments"
"""Kind of the due rows of comment feeds: each is one request for the feed."""

KINDS = (PAGE, THREAD, COMMENTS)

FORGOTTEN_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRow:
    """What is known of a page; `entry` and `captures` are encoded as their owner does.

    `topic`, `partition`, `offset` say where its entry was read. `queued_at` is when it was last to be had anew.
    """

    key: str
    link: str
    entry_id: str
    entry: bytes
    topic: str
    partition: int
    offset: int
    traceparent: str
    queued_at: datetime
    article_id: str = ""
    url: str = ""  # where it was last had
    etag: str = ""
    last_modified: str = ""
    captures: bytes = b""
    has_comments: bool = False
    tries: int = 0  # failures since it was queued
    looks: int = 0
    looked_at: datetime | None = None  # when it was last had
    published_at: datetime | None = None  # when an article of it was last made out, from the page or its feed
    forgotten_after: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageNote:
    """What becomes of a leased due row, of the page that it names, and what else is due of that page.

    `change` gets the row as it is by then: somebody may have read the page's comment feed meanwhile.
    """

    outcome: Settlement
    change: Callable[[PageRow], PageRow] = lambda page: page
    rows: Sequence[Job] = ()
    forgotten_after: datetime  # where no due row names the page any more


_COLUMNS = tuple(pages.c[name] for name in PageRow.__slots__)
_QUEUED = (
    "link",
    "entry_id",
    "entry",
    "topic",
    "partition",
    "offset",
    "traceparent",
    "queued_at",
    "etag",
    "last_modified",
    "tries",
    "forgotten_after",
)
"""Columns that a page to be fetched anew takes from its entry; the others keep their values."""

_CHANGE = (
    update(pages)
    .where(pages.c.key == bindparam("of_key"))
    .values(
        {column: bindparam(f"new_{column.name}", type_=column.type) for column in _COLUMNS if column is not pages.c.key}
    )
)


async def queue(connection: AsyncConnection, page_jobs: Mapping[str, tuple[PageRow, Job]], *, memory: timedelta) -> int:
    """Make the pages in `page_jobs` due that are to be fetched, by key; how many."""
    hosts = [job.host for _, job in page_jobs.values()]
    await fair_hosts.hold_or_make(connection, PAGE, hosts)
    waiting = select(due.c.key).where(due.c.kind == PAGE, due.c.key.in_(padded(sorted(page_jobs))))
    pending = set((await connection.execute(waiting)).scalars())
    links = padded(sorted({page.link for page, _ in page_jobs.values()}))
    known: dict[str, dict[str, PageRow]] = defaultdict(dict)
    for row in await connection.execute(select(*_COLUMNS).where(pages.c.link.in_(links))):
        known[row.link][row.key] = _page(row)
    fresh: dict[str, tuple[PageRow, Job]] = {}
    # In order of their entries: of two revisions that come together, the later one follows the earlier.
    for key, (page, job) in sorted(page_jobs.items(), key=lambda item: item[1][0].queued_at):
        siblings = list(known[page.link].values())
        if is_news(page, siblings, is_due=key in pending, memory=memory):
            fresh[key] = page, job
            known[page.link][key] = page
    if fresh:
        await _insert(connection, [page for _, (page, _) in sorted(fresh.items())])
        await due_rows.insert(connection, PAGE, {key: job for key, (_, job) in fresh.items()})
        await due_rows.postpone(connection, PAGE, {key: job for key, (_, job) in fresh.items() if key in pending})
    await fair_hosts.forget_idle(connection, PAGE, hosts)
    return len(fresh)


def is_news(page: PageRow, known: Sequence[PageRow], *, is_due: bool = False, memory: timedelta) -> bool:
    """Whether `page` is to be queued, or queued once more where it `is_due` already; `known` are the pages of its link.

    A link that a second feed shows within `memory` is not fetched again. An entry that went back to an earlier
    revision is: another revision was queued since, and this one is to be the last.
    """
    mine = next((row for row in known if row.key == page.key), None)
    if mine is None:
        return not is_due
    if (mine.topic, mine.partition) == (page.topic, page.partition) and page.offset <= mine.offset:
        return False  # a replay
    if not is_due and (mine.looked_at is None or mine.looked_at < page.queued_at - memory):
        return True
    return any(row.queued_at > mine.queued_at for row in known)


async def _insert(connection: AsyncConnection, rows: Sequence[PageRow]) -> None:
    insert = insert_into(connection, pages)
    statement = insert.on_conflict_do_update(
        index_elements=["key"], set_={name: insert.excluded[name] for name in _QUEUED}
    )
    await connection.execute(statement, [_values(row) for row in rows])


async def settle(connection: AsyncConnection, kind: str, notes: Mapping[str, PageNote]) -> set[str]:
    """Carry out `notes` by key, all on due rows of one kind; the keys of the rows that were still leased to the caller."""
    held = await due_rows.settle(connection, kind, {key: note.outcome for key, note in notes.items()})
    if not held:
        return held
    rows = [job for key in sorted(held) for job in notes[key].rows]
    for other in KINDS:
        for batch in in_batches([job for job in rows if job.kind == other]):
            await due_rows.insert(connection, other, {job.key: job for job in batch})
    await _change(connection, {key: notes[key] for key in held})
    return held


async def _change(connection: AsyncConnection, notes: Mapping[str, PageNote]) -> None:
    mine = pages.c.key.in_(padded(sorted(notes)))
    # Held in order of key: transactions that hold in one order do not deadlock.
    rows = await connection.execute(select(*_COLUMNS).where(mine).order_by(pages.c.key).with_for_update())
    before = [_page(row) for row in rows]
    named = await _named(connection, list(notes))
    after = []
    for page in before:
        note = notes[page.key]
        changed = note.change(page)
        after.append(replace(changed, forgotten_after=None if page.key in named else note.forgotten_after))
    changes = [
        {f"new_{name}": value for name, value in _values(new).items() if name != "key"} | {"of_key": new.key}
        for old, new in zip(before, after, strict=True)
        if new != old
    ]
    if changes:
        await connection.execute(_CHANGE, changes)


async def _named(connection: AsyncConnection, keys: Sequence[str]) -> set[str]:
    """Those of `keys` that a due row names."""
    rows = select(due.c.key).where(due.c.kind.in_(KINDS), due.c.key.in_(padded(sorted(keys)))).distinct()
    return set((await connection.execute(rows)).scalars())


async def get(connection: AsyncConnection, key: str) -> PageRow | None:
    """One page."""
    row = (await connection.execute(select(*_COLUMNS).where(pages.c.key == key))).first()
    return _page(row) if row else None


async def captures_of(connection: AsyncConnection, article_id: str) -> bytes:
    """What was published of that article last, whichever of its pages it was; empty where nothing was."""
    latest = select(pages.c.captures).where(pages.c.article_id == article_id, pages.c.published_at.is_not(None))
    return (await connection.execute(latest.order_by(pages.c.published_at.desc()).limit(1))).scalar() or b""


async def is_watched(connection: AsyncConnection, article_id: str, *, but: str) -> bool:
    """Whether another page than `but` of that article is looked at again already."""
    others = select(due.c.key).join_from(pages, due, due.c.key == pages.c.key)
    mine = (pages.c.article_id == article_id, pages.c.key != but, due.c.kind == THREAD)
    return (await connection.execute(others.where(*mine).limit(1))).first() is not None


async def remove_of(connection: AsyncConnection, *, entries: Collection[str], articles: Collection[str]) -> None:
    """Delete the pages of these entries and articles, and what is due of them."""
    keys: set[str] = set()
    for column, values in ((pages.c.entry_id, entries), (pages.c.article_id, articles)):
        for batch in in_batches(sorted(set(values) - {""})):
            keys.update((await connection.execute(select(pages.c.key).where(column.in_(padded(batch))))).scalars())
    for kind in KINDS:
        for batch in in_batches(sorted(keys)):
            await due_rows.remove(connection, kind, batch)
    for batch in in_batches(sorted(keys)):
        await connection.execute(delete(pages).where(pages.c.key.in_(padded(batch))))


async def forget(connection: AsyncConnection, *, before: datetime) -> int:
    """Delete a batch of pages whose time is over; how many."""
    is_due = exists().where(due.c.kind.in_(KINDS), due.c.key == pages.c.key)
    is_over = and_(pages.c.forgotten_after < before, ~is_due)
    over = select(pages.c.key).where(is_over).order_by(pages.c.forgotten_after).limit(FORGOTTEN_AT_ONCE)
    keys = sorted((await connection.execute(over)).scalars())
    if keys:  # asked again: one may have been queued anew in this moment
        await connection.execute(delete(pages).where(pages.c.key.in_(padded(keys)), is_over))
    return len(keys)


def _page(row: Row[Any]) -> PageRow:
    return PageRow(**row._mapping)


def _values(page: PageRow) -> dict[str, object]:
    return {name: getattr(page, name) for name in PageRow.__slots__}
