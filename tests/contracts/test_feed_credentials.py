"""What feeds want to be shown, on both databases, and what an older wiredesk kept in their URLs."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.contracts.older import made_by
from tests.contracts.samples import NOW, an_article
from tests.contracts.statements import dumped
from wiredesk.database import Database, open_database
from wiredesk.database import tables as t
from wiredesk.database.feeds import FEED, NO_CREDENTIALS, FeedCredentials, FeedSubscription
from wiredesk.database.item_rows import prepare
from wiredesk.redaction import receiver

pytest_plugins = ("tests.contracts.databases",)

URL = "https://a.example/rss"
MINE = FeedCredentials(places=(("user", "env:U"),), login="", to_pages=True)


def feed(url: str = URL, credentials: FeedCredentials = NO_CREDENTIALS) -> FeedSubscription:
    return FeedSubscription(url=url, origin="file", added_at=NOW, credentials=credentials)


async def test_credentials_come_change_and_go_with_their_feed(database: Database) -> None:
    await database.feeds.sync([feed(credentials=MINE)], origin="file")
    first = await database.feeds.get(URL)
    for_pages = await database.feeds.credentials_for_pages()
    changes = await database.feeds.sync([feed(credentials=FeedCredentials(login="bob:word"))], origin="file")
    second = await database.feeds.get(URL)
    await database.feeds.sync([feed()], origin="file")
    third = await database.feeds.get(URL)

    assert (first.credentials if first else None) == MINE
    assert for_pages == {URL: MINE}
    assert list(changes.changed) == [URL]
    assert (second.credentials if second else None) == FeedCredentials(login="bob:word")
    assert (third.credentials if third else None) == NO_CREDENTIALS
    assert await database.feeds.credentials_for_pages() == {}


async def test_credentials_of_a_feed_that_is_gone_are_gone(database: Database) -> None:
    await database.feeds.add(feed(credentials=FeedCredentials(login="bob:word")))
    await database.feeds.remove(URL)
    await database.feeds.add(feed())

    known = await database.feeds.get(URL)

    assert (known.credentials if known else None) == NO_CREDENTIALS


async def test_a_feed_is_found_by_its_url_with_a_login(database: Database) -> None:
    await database.feeds.add(feed())

    assert await database.feeds.remove("https://bob:word@a.example/rss")


BOB, ANN = "https://bob:s3cret%21@a.example/rss", "https://ann:w0rd@a.example/rss"


def _feed_row(url: str, **more: object) -> Mapping[str, object]:
    known: dict[str, object] = {"url": url, "origin": "file", "priority": 1.0, "paused": False, "backfill": False}
    known |= {"added_at": NOW, "title": "", "failures": 0.0, "reason": f"{url}: timeout", "entries": 1, "health": "ok"}
    return known | more


async def _stored_before(connection: AsyncConnection) -> None:
    await connection.execute(insert(t.feeds), [_feed_row(BOB, state=b"what was known"), _feed_row(ANN, state=None)])
    due = {"kind": FEED, "host": "a.example", "due": NOW, "attempts": 0, "routine": True}
    await connection.execute(insert(t.due), [due | {"key": BOB}, due | {"key": ANN}])
    hosts = {"kind": FEED, "host": "a.example", "head": ANN, "turn": NOW, "served": NOW, "leased": 0}
    await connection.execute(insert(t.due_hosts), hosts)
    shown = {"feed": BOB, "entry": "e1", "revision": "r1", "seen_at": NOW}
    await connection.execute(insert(t.feed_entries), shown)
    article = msgspec.structs.replace(an_article("a1"), feed=BOB, url="https://bob:s3cret%21@a.example/p")
    item = prepare(article, dialect=connection.dialect.name)
    await connection.execute(insert(t.item_events).values(**item.body_row))
    sighting = {"item_id": "a1", "copy_id": "c", "source": "a.example", "seen_at": NOW}
    await connection.execute(insert(t.sightings), sighting | {"url": "https://bob:s3cret%21@a.example/c"})
    alert = {"id": "r-s", "rule": "r", "story": "s", "item": "a1", "capture": "c1", "alerted_at": NOW}
    await connection.execute(insert(t.alerts), alert | {"body": f'{{"feed":"{BOB}"}}'.encode()})
    endpoint = {"name": "ops", "url": "https://u:p4ss@hooks.example/T0KEN?sig=T0KEN", "secret": "env:S", "silences": 0}
    await connection.execute(insert(t.endpoints), endpoint | {"disabled_reason": "answered 410", "disabled_at": NOW})


async def test_an_upgrade_takes_logins_out_of_urls_and_loses_nothing(database_url: str, prefix: str) -> None:
    await made_by("0006", database_url, prefix, _stored_before)

    async with open_database(database_url, schema=prefix) as database:
        feeds = await database.feeds.list()
        leased = await database.due.lease(FEED, limit=9, per_host=9, now=NOW, until=NOW)
        known = await database.feeds.fresh("https://a.example/rss#2", [("e1", "r1")])
        polled = await database.feeds.known("https://a.example/rss#2")
        await database.feeds.sync([feed(f.url, f.credentials) for f in feeds], origin="file")
        again = await database.feeds.list()
        rows = await dumped(database, but="feed_credentials")
        (endpoint,) = await database.alerts.endpoints()

    assert [(f.url, f.credentials.login, f.known_as) for f in feeds] == [
        ("https://a.example/rss", "ann:w0rd", ANN),
        ("https://a.example/rss#2", "bob:s3cret%21", BOB),
    ]
    assert again == feeds
    assert {job.key for job in leased} == {f.url for f in feeds}
    assert (dict(known), polled and polled.state) == ({}, b"what was known")
    assert [secret for secret in ("s3cret", "w0rd", "p4ss", "T0KEN") if secret in rows] == []
    assert endpoint.disabled_at == NOW
    assert endpoint.url == receiver("https://u:p4ss@hooks.example/T0KEN?sig=T0KEN")
