"""Polling feeds that want to know who asks."""

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.roles.feeds.test_stage import Desk, desk
from tests.web import Page, item, rss
from wiredesk import events
from wiredesk.database.feeds import FeedCredentials, FeedSubscription
from wiredesk.database.tables import feed_credentials

__all__ = ["desk"]

LOGIN = FeedCredentials(login="bob:s3cret")
BY_NAME = FeedCredentials(places=(("header X-Key", "env:KEY"), ("query key", "env:KEY")))


async def subscribe(desk: Desk, path: str, credentials: FeedCredentials, *pages: Page) -> str:
    url = desk.site.serve(path, *pages)
    subscription = FeedSubscription(url=url, origin="command", added_at=desk.now, credentials=credentials)
    await desk.database.feeds.add(subscription)
    return url


async def test_a_feed_is_shown_its_login_and_nothing_published_has_it(desk: Desk) -> None:
    url = await subscribe(desk, "/f", LOGIN, Page(body=rss(item("a", link="/a"))))

    await desk.poll()

    assert desk.site.requests[0].headers["Authorization"] == "Basic Ym9iOnMzY3JldA=="
    (entry,) = await desk.published()
    assert isinstance(entry, events.Entry)
    assert (entry.feed, entry.url) == (url, f"{desk.site.url}/a")
    assert b"s3cret" not in msgspec.json.encode(entry)


async def test_a_secret_by_name_is_looked_up_at_each_poll(desk: Desk) -> None:
    desk.site.serve("/f?key=one", Page(body=rss(item("a"))))
    desk.site.serve("/f?key=two", Page(body=rss(item("b"), item("a"))))
    await subscribe(desk, "/f", BY_NAME)

    await desk.poll()
    missing = await desk.status()
    desk.environ["KEY"] = "one"
    await desk.poll()
    desk.environ["KEY"] = "two"
    await desk.poll()

    assert (missing.state, missing.reason) == (
        "failing",
        f"{desk.site.url}/f: the environment variable KEY is not set",
    )
    assert [asked.headers["X-Key"] for asked in desk.site.requests] == ["one", "two"]
    assert await desk.titles() == ["a", "b"]


@pytest.mark.parametrize("text", ["line\r\nX-Other: 1", "\x00"])
async def test_a_secret_that_no_header_can_carry_fails_the_poll_and_is_not_told(desk: Desk, text: str) -> None:
    desk.environ["KEY"] = text
    await subscribe(desk, "/f", BY_NAME, Page(body=rss()))

    await desk.poll()

    assert (await desk.status()).reason == f"{desk.site.url}/f: env KEY: expected one line of printable text"
    assert desk.site.requests == []


async def test_a_feed_whose_url_had_a_login_keeps_the_names_of_its_entries(desk: Desk) -> None:
    """Each would be told as new: what is known of it hangs on its id."""
    url = await subscribe(desk, "/f", LOGIN, Page(body=rss(item("a"))), Page(body=rss(item("a", text="corrected"))))
    old = url.replace("//", "//bob:s3cret@")

    async def as_upgraded(connection: AsyncConnection) -> None:
        await connection.execute(update(feed_credentials).values(known_as=old))

    await desk.database._transactions.write(as_upgraded)

    await desk.poll()
    await desk.poll(after=timedelta())

    entries = [entry for entry in await desk.published() if isinstance(entry, events.Entry)]
    assert {entry.id for entry in entries} == {events.digest("entry", old, "guid-a")}
    assert {entry.feed for entry in entries} == {url}
    assert len({entry.revision for entry in entries}) == 2
