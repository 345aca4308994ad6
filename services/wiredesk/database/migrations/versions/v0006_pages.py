"""What is known of pages, which the due queue carried as payloads."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op

from wiredesk import urls
from wiredesk.database.columns import Instant, big_number
from wiredesk.events import digest

revision = "0006"
down_revision = "0005"

BATCH = 200
"""Rows at once: a payload holds a feed's text, and memory must bear them."""

due = sa.table(
    "due",
    sa.column("kind"),
    sa.column("key"),
    sa.column("host"),
    sa.column("due", Instant),
    sa.column("lease"),
    sa.column("payload", sa.LargeBinary),
)
due_hosts = sa.table(
    "due_hosts",
    sa.column("kind"),
    sa.column("host"),
    sa.column("head"),
    sa.column("turn", Instant),
    sa.column("served", Instant),
    sa.column("leased"),
)


class _Times(msgspec.Struct):
    seen: datetime | None = None


class _Entry(msgspec.Struct):
    id: str
    url: str
    revision: str
    times: _Times = msgspec.field(default_factory=_Times)


class _Task(msgspec.Struct):
    """A payload as version 0003 wrote it."""

    entry: msgspec.Raw
    topic: str
    partition: int
    offset: int
    traceparent: str = ""
    tries: int = 0
    looks: int = 0
    looked_at: datetime | None = None
    etag: str = ""
    last_modified: str = ""
    article_id: str = ""
    has_comments: bool = False
    captures: tuple[str, ...] = ()


def upgrade() -> None:
    pages = op.create_table("pages", *_columns())
    assert pages is not None
    connection = op.get_bind()
    _move_pages(connection, pages)
    _move_threads(connection, pages)
    _recount(connection)
    for name in ("link", "entry_id", "article_id", "forgotten_after"):
        op.create_index(INDEXES[name], "pages", [name])
    op.create_index("due_waited_for", "due", ["kind", "routine", "due"])
    op.drop_column("due", "payload")


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("entry_id", sa.Text, nullable=False),
        sa.Column("article_id", sa.Text, nullable=False),
        sa.Column("entry", sa.LargeBinary, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("offset", big_number(), nullable=False),
        sa.Column("traceparent", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("etag", sa.Text, nullable=False),
        sa.Column("last_modified", sa.Text, nullable=False),
        sa.Column("captures", sa.LargeBinary, nullable=False),
        sa.Column("has_comments", sa.Boolean, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("looks", sa.Integer, nullable=False),
        sa.Column("queued_at", Instant, nullable=False),
        sa.Column("looked_at", Instant),
        sa.Column("published_at", Instant),
        sa.Column("forgotten_after", Instant),
    ]


INDEXES = {
    "link": "pages_link",
    "entry_id": "pages_entry",
    "article_id": "pages_article",
    "forgotten_after": "pages_forgotten",
}


def _move_pages(connection: sa.Connection, pages: sa.Table) -> None:
    """Pages to be had keep their due rows; those that were only remembered lose theirs."""
    for rows in _batches(connection, "page"):
        values, over = [], []
        for row in rows:
            page = _page(row, row.key)
            if page["looked_at"] is not None:
                page["forgotten_after"] = row.due
                over.append(row.key)
            values.append(page)
        connection.execute(sa.insert(pages), values)
        if over:
            connection.execute(sa.delete(due).where(due.c.kind == "page", due.c.key.in_(over)))


def _move_threads(connection: sa.Connection, pages: sa.Table) -> None:
    """Threads were named by their article; now by the page, which may be known of another row."""
    for rows in _batches(connection, "thread"):
        for row in rows:
            page = _page(row, None)
            statement = sa.select(pages.c.key).where(pages.c.key == page["key"])
            if connection.execute(statement).first() is None:
                connection.execute(sa.insert(pages), page)
            else:
                known = (
                    "article_id",
                    "etag",
                    "last_modified",
                    "captures",
                    "has_comments",
                    "looks",
                    "looked_at",
                    "published_at",
                )
                changes = {name: page[name] for name in known} | {"forgotten_after": None}
                connection.execute(sa.update(pages).where(pages.c.key == page["key"]).values(changes))
            _rename(connection, row.key, str(page["key"]))


def _rename(connection: sa.Connection, old: str, new: str) -> None:
    mine = (due.c.kind == "thread", due.c.key == old)
    if old != new and connection.execute(sa.select(due.c.key).where(due.c.kind == "thread", due.c.key == new)).first():
        connection.execute(sa.delete(due).where(*mine))  # the same page under two articles' ids: one look serves both
    else:
        connection.execute(sa.update(due).where(*mine).values(key=new, payload=b""))


def _batches(connection: sa.Connection, kind: str) -> Iterator[Sequence[Any]]:
    """The rows of `kind`, some at a time; one that was moved has no payload any more."""
    after = ""
    while True:
        statement = (
            sa.select(due.c.key, due.c.due, due.c.payload)
            .where(due.c.kind == kind, due.c.key > after, due.c.payload != b"")
            .order_by(due.c.key)
            .limit(BATCH)
        )
        rows = connection.execute(statement).all()
        if not rows:
            return
        yield rows
        after = rows[-1].key


def _page(row: Any, key: str | None) -> dict[str, object]:
    try:
        task = msgspec.json.decode(row.payload, type=_Task)
        entry = msgspec.json.decode(task.entry, type=_Entry)
    except msgspec.MsgspecError:  # nobody could read it before either: whoever works on it sends it to the dead letters
        task = _Task(entry=msgspec.Raw(row.payload), topic="", partition=0, offset=0)
        entry = _Entry(id="", url="", revision=row.key)
    part = urls.part_of(entry.url)
    link = urls.canonical(entry.url) + (f"#{part}" if part else "")
    facts = {name: getattr(task, name) for name in _Task.__struct_fields__ if name not in ("entry", "captures")}
    queued_at = entry.times.seen or row.due
    return facts | {
        "key": key or digest("page", link, entry.revision),
        "link": digest("link", link),
        "entry_id": entry.id,
        "entry": bytes(task.entry),
        "url": "",
        "captures": msgspec.json.encode({"earlier": task.captures}),
        "queued_at": queued_at,
        "published_at": task.looked_at or (queued_at if task.captures else None),
        "forgotten_after": None,
    }


def _recount(connection: sa.Connection) -> None:
    """Hosts' first rows and turns, as rows have gone and been renamed."""
    later = sa.func.max if connection.dialect.name == "sqlite" else sa.func.greatest
    mine = sa.and_(due.c.kind == due_hosts.c.kind, due.c.host == due_hosts.c.host)
    first = sa.select(due.c.due).where(mine, due.c.lease.is_(None)).order_by(due.c.due, due.c.key).limit(1)
    first_due = first.scalar_subquery()
    moved = due_hosts.c.kind.in_(["page", "thread"])
    connection.execute(
        sa.update(due_hosts)
        .where(moved)
        .values(
            head=first.with_only_columns(due.c.key).scalar_subquery(),
            turn=sa.case((first_due.is_(None), sa.null()), else_=later(first_due, due_hosts.c.served)),
            leased=sa.select(sa.func.count()).select_from(due).where(mine, due.c.lease.is_not(None)).scalar_subquery(),
        )
    )
    connection.execute(sa.delete(due_hosts).where(moved, due_hosts.c.head.is_(None), due_hosts.c.leased == 0))
