"""Subscriptions, polls and known entries, on both databases."""

from __future__ import annotations

from datetime import timedelta

from tests.contracts.samples import NOW
from tests.contracts.statements import executed
from wiredesk.database import Database
from wiredesk.database.due import Job
from wiredesk.database.entry_rows import MAX_RETURNS
from wiredesk.database.feeds import FEED, FeedSubscription, Origin, Poll, PollNote

pytest_plugins = ("tests.contracts.databases",)

HOUR = timedelta(hours=1)
URL = "https://news.example.org/rss"


def feed(
    url: str = URL, *, origin: Origin = "command", priority: float = 1.0, paused: bool = False
) -> FeedSubscription:
    return FeedSubscription(url=url, origin=origin, priority=priority, paused=paused, added_at=NOW)


async def due_urls(database: Database) -> list[str]:
    return sorted(job.key for job in await database.due.waiting([FEED]))


async def leased(database: Database, *, hours: int = 0) -> Job:
    now = NOW + hours * HOUR
    (job,) = await database.due.lease(FEED, limit=1, per_host=1, now=now, until=now + HOUR)
    return job


async def polled(
    database: Database,
    job: Job,
    *,
    status: PollNote,
    entries: tuple[tuple[str, str], ...] = (),
    hours: int = 0,
    returned: tuple[tuple[str, str], ...] = (),
) -> bool:
    return await database.feeds.polled(
        Poll(
            job=job,
            url=job.key,
            state=b"state",
            status=status,
            entries=entries,
            seen_at=NOW + hours * HOUR,
            again_at=NOW + (hours + 1) * HOUR,
            returned=returned,
        )
    )


async def state_of(database: Database, url: str) -> bytes | None:
    known = await database.feeds.known(url)
    assert known is not None
    return known.state


async def test_an_added_feed_is_due_at_once_and_waited_for(database: Database) -> None:
    assert await database.feeds.add(feed())
    assert not await database.feeds.add(feed(priority=2))

    assert await database.feeds.get(URL) == feed()
    assert await leased(database) == Job(
        kind=FEED,
        key=URL,
        host="example.org",
        due=NOW,
        lease=(await database.due.waiting([FEED]))[0].lease,
    )


async def test_a_removed_feed_is_polled_no_more(database: Database) -> None:
    await database.feeds.add(feed())
    job = await leased(database)

    assert await database.feeds.remove(URL)

    assert await database.feeds.get(URL) is None
    assert await due_urls(database) == []
    assert not await polled(database, job, status=PollNote())
    assert not await database.feeds.remove(URL)


async def test_sync_makes_the_set_of_an_origin_equal_and_leaves_the_others(database: Database) -> None:
    await database.feeds.add(feed("https://b.example/x", origin="command"))
    await database.feeds.sync(
        [feed("https://a.example/1", origin="file"), feed("https://a.example/2", origin="file")], origin="file"
    )

    changes = await database.feeds.sync(
        [
            feed("https://a.example/2", origin="file", priority=3),
            feed("https://a.example/3", origin="file"),
            feed("https://b.example/x", origin="file", priority=9),
        ],
        origin="file",
    )

    assert (changes.added, changes.removed) == (["https://a.example/3"], ["https://a.example/1"])
    assert (changes.changed, changes.kept) == (["https://a.example/2"], ["https://b.example/x"])
    assert [(one.url, one.origin, one.priority) for one in await database.feeds.list()] == [
        ("https://a.example/2", "file", 3),
        ("https://a.example/3", "file", 1),
        ("https://b.example/x", "command", 1),
    ]
    assert await due_urls(database) == ["https://a.example/2", "https://a.example/3", "https://b.example/x"]


async def test_sync_again_changes_nothing(database: Database) -> None:
    wanted = [feed(f"https://h{number}.example/rss", origin="file") for number in range(600)]
    await database.feeds.sync(wanted, origin="file")

    changes = await database.feeds.sync(wanted, origin="file")

    assert not any((changes.added, changes.removed, changes.changed, changes.kept))
    assert len(await database.feeds.list()) == 600


async def test_a_paused_feed_is_not_due_until_it_is_resumed(database: Database) -> None:
    await database.feeds.sync([feed(origin="file")], origin="file")

    assert await database.feeds.set_paused(URL, True)
    await database.feeds.sync([feed(origin="file", priority=2)], origin="file")

    assert await due_urls(database) == []
    assert [one.state for one in await database.feeds.status()] == ["paused"]
    assert await database.feeds.set_paused(URL, False)
    assert await due_urls(database) == [URL]
    assert not await database.feeds.set_paused("https://nowhere.example/", True)


async def test_a_poll_is_remembered_whole(database: Database) -> None:
    await database.feeds.add(feed())
    assert await state_of(database, URL) is None
    note = PollNote(title="News", status_code=200, entries=2)

    assert await polled(database, await leased(database), status=note, entries=(("e1", "r1"), ("e2", "r1")))

    (status,) = await database.feeds.status()
    assert await state_of(database, URL) == b"state"
    assert (status.title, status.status_code, status.entries, status.state) == ("News", 200, 2, "ok")
    assert (status.last_polled_at, status.last_success_at, status.next_poll_at) == (NOW, NOW, NOW + HOUR)
    assert await due_urls(database) == []  # routine now: nobody waits for it


async def test_a_failed_poll_leaves_what_is_known_of_the_feed(database: Database) -> None:
    await database.feeds.add(feed())
    await polled(database, await leased(database), status=PollNote(title="News", status_code=200, entries=2))
    failed = PollNote(status_code=503, succeeded=False, failures=1.5, reason="status 503", state="failing")

    await polled(database, await leased(database, hours=1), status=failed, hours=1)

    (status,) = await database.feeds.status()
    assert (status.title, status.entries, status.last_success_at) == ("News", 2, NOW)
    assert (status.last_polled_at, status.failures, status.reason) == (NOW + HOUR, 1.5, "status 503")
    assert status.state == "failing"


async def test_a_poll_whose_lease_was_lost_writes_nothing(database: Database) -> None:
    await database.feeds.add(feed())
    slow = await leased(database)
    await leased(database, hours=1)

    assert not await polled(database, slow, status=PollNote(title="late"), entries=(("e", "r"),), hours=2)

    assert await database.feeds.fresh(URL, [("e", "r")]) == {("e", "r"): None}
    assert [one.title for one in await database.feeds.status()] == [""]


async def test_new_entries_and_new_revisions_are_fresh(database: Database) -> None:
    await database.feeds.add(feed())
    await polled(database, await leased(database), status=PollNote(), entries=(("e1", "r1"), ("e2", "r1")))

    shown = [("e1", "r1"), ("e1", "r2"), ("e3", "r1"), ("e3", "r1")]

    assert await database.feeds.fresh(URL, shown) == {("e1", "r2"): None, ("e3", "r1"): None}
    assert await database.feeds.fresh("https://other.example/", shown) == dict.fromkeys(shown)
    assert await database.feeds.fresh(URL, []) == {}


async def test_a_revision_that_comes_back_is_fresh_with_when_it_was_shown_before(database: Database) -> None:
    await database.feeds.add(feed())
    for hours, revision in enumerate("ab"):
        shown = (("e", revision), ("other", "r"))
        await polled(database, await leased(database, hours=hours), status=PollNote(), entries=shown, hours=hours)

    assert await database.feeds.fresh(URL, [("e", "a"), ("e", "b"), ("other", "r")]) == {("e", "a"): NOW}


async def test_two_revisions_of_one_document_are_known_both(database: Database) -> None:
    """Some feeds list an entry twice."""
    await database.feeds.add(feed())
    await polled(database, await leased(database), status=PollNote(), entries=(("e", "a"), ("e", "b")))

    assert await database.feeds.fresh(URL, [("e", "a"), ("e", "b")]) == {}


async def test_revisions_that_take_turns_for_ever_are_known_at_last(database: Database) -> None:
    """Two servers of one feed that do not agree: each poll would bring the other's text."""
    await database.feeds.add(feed())
    fresh = []
    for hours, revision in enumerate("ab" * 8):
        pair = ("e", revision)
        fresh += list(await database.feeds.fresh(URL, [pair]))
        job = await leased(database, hours=hours)
        await polled(
            database, job, status=PollNote(), entries=(pair,), returned=(pair,) if hours > 1 else (), hours=hours
        )

    assert len(fresh) == 2 + 2 * MAX_RETURNS


async def test_entries_are_forgotten_once_their_feed_stopped_listing_them(database: Database) -> None:
    await database.feeds.add(feed())
    await polled(database, await leased(database), status=PollNote(), entries=(("old", "r"), ("listed", "r")))
    await polled(database, await leased(database, hours=25), status=PollNote(), entries=(("listed", "r"),), hours=25)

    assert await database.feeds.forget_entries(before=NOW) == 0
    assert await database.feeds.forget_entries(before=NOW + 99 * HOUR) == 1

    assert await database.feeds.fresh(URL, [("old", "r"), ("listed", "r")]) == {("old", "r"): None}


async def test_entries_outlive_an_unchanged_document_and_a_removed_feed_for_a_while(database: Database) -> None:
    await database.feeds.add(feed())
    await polled(database, await leased(database), status=PollNote(), entries=(("e", "r"),))
    await polled(database, await leased(database, hours=1), status=PollNote(status_code=304), hours=1)
    assert await database.feeds.forget_entries(before=NOW + 99 * HOUR) == 0

    await database.feeds.remove(URL)

    assert await database.feeds.fresh(URL, [("e", "r")]) == {}
    assert await database.feeds.forget_entries(before=NOW + 99 * HOUR) == 1


OLD = "https://News.Example.org:443/rss"
"""As an earlier version stored what an operator wrote so."""


async def test_a_feed_written_otherwise_is_the_one_that_is_stored(database: Database) -> None:
    await database.feeds.add(feed(OLD))

    assert not await database.feeds.add(feed(URL))
    assert await database.feeds.set_paused(URL, True)
    assert [known.url for known in await database.feeds.list()] == [OLD]
    assert await database.feeds.remove(URL)
    assert await database.feeds.list() == []


async def test_sync_keeps_the_state_of_a_feed_that_was_stored_in_another_form(database: Database) -> None:
    await database.feeds.add(feed(OLD, origin="file"))
    assert await polled(database, await leased(database), status=PollNote())

    changes = await database.feeds.sync([feed(URL, origin="file", priority=2)], origin="file")

    assert (changes.added, changes.removed, changes.changed) == ([], [], [OLD])
    assert await state_of(database, OLD) == b"state"


async def test_the_overview_has_the_counts_and_the_sick_ones_first_without_reading_all(database: Database) -> None:
    states = ("ok", "failing", "dormant")
    for number in range(9):
        url = f"https://{number}.example/rss"
        await database.feeds.add(FeedSubscription(url=url, origin="command", added_at=NOW, paused=number == 8))
    for job in await database.due.lease(FEED, limit=9, per_host=1, now=NOW, until=NOW + timedelta(minutes=1)):
        number = int(job.key[8])
        note = PollNote(state=states[number % 3], title=f"Feed {9 - number}" if number % 2 else "")  # type: ignore[arg-type]
        poll = Poll(job=job, url=job.key, state=b"large", status=note, entries=(), seen_at=NOW, again_at=NOW)
        await database.feeds.polled(poll)

    with executed() as statements:
        overview = await database.feeds.overview(most=4)

    assert overview.counts == {"ok": 3, "failing": 3, "dormant": 2, "paused": 1}
    assert [(feed.state, feed.url[8]) for feed in overview.first] == [
        ("failing", "7"),
        ("failing", "1"),
        ("failing", "4"),
        ("dormant", "5"),
    ]
    assert all("LIMIT" in statement or "count(" in statement for statement in statements if "FROM feeds" in statement)
