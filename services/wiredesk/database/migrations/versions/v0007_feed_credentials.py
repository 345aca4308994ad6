"""Users and passwords leave the URLs of feeds, and whatever was stored with these; endpoints are stored as they are shown."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import sqlalchemy as sa
from alembic import op

from wiredesk import urls
from wiredesk.redaction import receiver

revision = "0007"
down_revision = "0006"

BATCH = 200

feeds = sa.table("feeds", sa.column("url"), sa.column("added_at"), sa.column("reason"))
due = sa.table("due", sa.column("kind"), sa.column("key"))
due_hosts = sa.table("due_hosts", sa.column("kind"), sa.column("head"))
feed_entries = sa.table("feed_entries", sa.column("feed"))
endpoints = sa.table("endpoints", sa.column("name"), sa.column("url"))

TEXTS = (("item_events", "event"), ("sightings", "url"), ("pages", "url"), ("feeds", "reason"))
BODIES = (("alerts", "id", "body"), ("pages", "key", "entry"))
"""Where the URL of a feed, or of what it links to, stands: table, column; table, key, column."""


def upgrade() -> None:
    credentials = op.create_table(
        "feed_credentials",
        sa.Column("feed", sa.Text, primary_key=True),
        sa.Column("places", sa.Text, nullable=False),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("to_pages", sa.Boolean, nullable=False),
        sa.Column("known_as", sa.Text, nullable=False),
    )
    assert credentials is not None
    connection = op.get_bind()
    for login in sorted(set(_taken_apart(connection, credentials))):
        _forget(connection, login)
    for name, url in connection.execute(sa.select(endpoints.c.name, endpoints.c.url)).all():
        connection.execute(sa.update(endpoints).where(endpoints.c.name == name).values(url=receiver(url)))


def _taken_apart(connection: sa.Connection, credentials: sa.Table) -> Iterator[str]:
    """The login of each feed whose URL had one."""
    with_login = sa.select(feeds.c.url).where(feeds.c.url.contains("@")).order_by(feeds.c.added_at, feeds.c.url)
    taken = set(connection.execute(sa.select(feeds.c.url)).scalars())
    for old in connection.execute(with_login).scalars().all():
        login = urlsplit(old).netloc.rpartition("@")[0]
        if not login:
            continue
        new = _free(urls.without_login(old), taken)
        taken.add(new)
        connection.execute(sa.update(feeds).where(feeds.c.url == old).values(url=new))
        mine = (due.c.kind == "feed", due.c.key == old)
        connection.execute(sa.update(due).where(*mine).values(key=new))
        heads = (due_hosts.c.kind == "feed", due_hosts.c.head == old)
        connection.execute(sa.update(due_hosts).where(*heads).values(head=new))
        connection.execute(sa.update(feed_entries).where(feed_entries.c.feed == old).values(feed=new))
        row = {"feed": new, "places": "{}", "login": login, "to_pages": False, "known_as": old}
        connection.execute(sa.insert(credentials), row)
        yield login


def _free(url: str, taken: set[str]) -> str:
    """`url`, told apart by a part where two users read the same feed."""
    number, free = 1, url
    while free in taken:
        number += 1
        free = f"{url.partition('#')[0]}#{number}"
    return free


def _forget(connection: sa.Connection, login: str) -> None:
    """Take `login` out of what was collected with it: texts in place, bodies some at a time."""
    old, new = f"//{login}@", "//"
    for name, column in TEXTS:
        table = sa.table(name, sa.column(column))
        field = table.c[column]
        holds = field.contains(old, autoescape=True)
        connection.execute(sa.update(table).where(holds).values({column: sa.func.replace(field, old, new)}))
    for name, key, column in BODIES:
        table = sa.table(name, sa.column(key), sa.column(column, sa.LargeBinary))
        after = ""
        while rows := connection.execute(
            sa.select(table.c[key], table.c[column]).where(table.c[key] > after).order_by(table.c[key]).limit(BATCH)
        ).all():
            for row_key, body in rows:
                if old.encode() in body:
                    clean = body.replace(old.encode(), new.encode())
                    connection.execute(sa.update(table).where(table.c[key] == row_key).values({column: clean}))
            after = rows[-1][0]
