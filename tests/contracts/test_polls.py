"""Polls that end at one time."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from tests.contracts.samples import NOW
from tests.contracts.statements import executed
from wiredesk.database import Database
from wiredesk.database.due import Job
from wiredesk.database.feeds import FEED, FeedSubscription, Poll, PollNote

pytest_plugins = ("tests.contracts.databases",)

HOUR = timedelta(hours=1)


def poll(job: Job) -> Poll:
    note = PollNote(title=job.key)
    return Poll(job=job, url=job.key, state=b"s", status=note, entries=(), seen_at=NOW, again_at=NOW + HOUR)


async def test_they_are_written_at_once_and_each_answers_for_its_own_lease(database: Database) -> None:
    for number in range(9):
        url = f"https://{number}.example/rss"
        await database.feeds.add(FeedSubscription(url=url, origin="command", added_at=NOW))
    jobs = await database.due.lease(FEED, limit=9, per_host=1, now=NOW, until=NOW + HOUR)
    lost, *held = jobs
    await database.due.done(lost)

    with executed() as statements:
        kept = await asyncio.gather(*(database.feeds.polled(poll(job)) for job in jobs))

    assert kept == [False] + [True] * len(held)
    assert sum("UPDATE feeds" in statement for statement in statements) == 1
    titles = {known.url: known.title for known in await database.feeds.status()}
    assert titles == {job.key: job.key for job in held} | {lost.key: ""}
