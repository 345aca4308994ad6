"""How long ago each feed was read: in the metrics, a series a feed, and never too many."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from tests.contracts.statements import executed
from wiredesk.database import Database, open_database
from wiredesk.database.feeds import FEED, FeedSubscription, Poll, PollNote
from wiredesk.observe import Health
from wiredesk.redaction import shown
from wiredesk.roles.feeds.freshness import MOST_TOLD, Freshness

NOW = datetime(2026, 1, 6, 12, tzinfo=UTC)
READ, NEVER, PAUSED = "https://a.example/rss", "https://b.example/rss", "https://c.example/rss"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite:///{tmp_path / 'desk.sqlite'}", schema="t") as opened:
        yield opened


@pytest.fixture
def freshness(database: Database) -> Freshness:
    return Freshness(database, health=Health("feeds"), now=lambda: NOW)


def told(feed: str) -> float | None:
    return REGISTRY.get_sample_value("wiredesk_feed_success_age_seconds", {"feed": feed})


async def test_age_counts_from_the_last_success_or_else_from_the_subscription(
    database: Database, freshness: Freshness
) -> None:
    for url in (READ, NEVER, PAUSED):
        added = NOW - timedelta(days=3)
        await database.feeds.add(FeedSubscription(url=url, origin="command", added_at=added, paused=url == PAUSED))
    leased = await database.due.lease(FEED, limit=9, per_host=1, now=NOW, until=NOW + timedelta(minutes=1))
    (job,) = [job for job in leased if job.key == READ]
    seen_at = NOW - timedelta(hours=2)
    poll = Poll(job=job, url=READ, state=b"", status=PollNote(), entries=(), seen_at=seen_at, again_at=NOW)
    await database.feeds.polled(poll)

    freshness.tell(await freshness.ages())

    assert (told(READ), told(NEVER), told(PAUSED)) == (7200, 3 * 86400, None)


async def test_the_state_that_polling_keeps_is_not_read(database: Database, freshness: Freshness) -> None:
    with executed() as statements:
        await freshness.ages()

    (statement,) = [statement for statement in statements if "FROM feeds" in statement]
    assert "state" not in statement


def test_a_feed_that_is_gone_is_told_of_no_more(freshness: Freshness) -> None:
    freshness.tell({READ: timedelta(hours=1), NEVER: timedelta(days=1)})
    freshness.tell({READ: timedelta(hours=2)})
    assert (told(READ), told(NEVER)) == (7200, None)


def test_of_very_many_feeds_the_stalest_are_told(freshness: Freshness) -> None:
    freshness.tell({f"https://{n}.example/rss": timedelta(seconds=n) for n in range(MOST_TOLD + 1)})
    assert told("https://0.example/rss") is None
    assert told("https://1.example/rss") == 1
    freshness.tell({})


def test_what_may_be_secret_in_an_address_stays_out_of_the_metrics_and_feeds_stay_apart() -> None:
    names = [shown(f"https://user:word@a.example/rss?key={key}") for key in ("one", "two")]
    assert len(set(names)) == 2
    assert all(name.startswith("https://a.example/rss?") and "key" not in name and "word" not in name for name in names)
    assert shown(READ) == READ
