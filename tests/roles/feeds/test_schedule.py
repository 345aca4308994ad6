"""When to poll next."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from wiredesk.documents.feed import Hints
from wiredesk.roles.feeds import hints
from wiredesk.roles.feeds.rhythm import Rhythm, batches, begun, observed
from wiredesk.roles.feeds.schedule import Bounds, interval, jitter

NOW = datetime(2026, 1, 6, 12, tzinfo=UTC)
FEED = "https://paper.example/feed"
BOUNDS = Bounds()


def every(gap: timedelta, *, count: int) -> Sequence[datetime]:
    return [NOW - gap * number for number in range(1, count + 1)]


def wait(rhythm: Rhythm, **options: object) -> timedelta:
    return interval(rhythm, feed=FEED, bounds=BOUNDS, now=NOW, **options)  # type: ignore[arg-type]


BUSY = begun(every(timedelta(minutes=10), count=100), now=NOW)
DAILY = begun(every(timedelta(days=1), count=20), now=NOW)
SILENT = begun([], now=NOW)


def test_busier_feeds_are_polled_more_often() -> None:
    assert timedelta(minutes=1) <= wait(BUSY) < wait(DAILY) / 2 < wait(SILENT)
    assert wait(DAILY) <= timedelta(hours=2)
    assert wait(SILENT) <= timedelta(hours=24)


def test_twice_the_priority_is_about_half_the_delay() -> None:
    assert 0.4 <= wait(DAILY, priority=2.0) / wait(DAILY) <= 0.6


def test_a_batch_is_one_event() -> None:
    dates = [NOW - timedelta(hours=1) + timedelta(seconds=20 * number) for number in range(50)]

    assert len(batches(dates, since=NOW - timedelta(days=1), until=NOW)) == 1


def test_silence_slows_a_feed_down_and_news_speeds_it_up() -> None:
    quiet = observed(BUSY, [], now=NOW + timedelta(days=6))
    woken = observed(quiet, [NOW + timedelta(days=6)], now=NOW + timedelta(days=6, minutes=1))

    assert wait(BUSY) < wait(woken) < wait(quiet)


def test_the_hour_of_the_day_counts() -> None:
    mornings = begun(
        [NOW - timedelta(days=day, minutes=5 * number) for day in range(9) for number in range(12)], now=NOW
    )

    assert mornings.rate(NOW) > 3 * mornings.rate(NOW + timedelta(hours=12))


def test_a_publishers_wish_is_a_floor_of_at_most_an_hour() -> None:
    assert wait(BUSY, hint=timedelta(minutes=20)) == timedelta(minutes=20)
    assert wait(BUSY, hint=timedelta(days=7)) == timedelta(hours=1)


def test_a_short_document_is_polled_before_it_is_pushed_out() -> None:
    assert wait(DAILY, window=1) <= timedelta(hours=12)
    assert wait(BUSY, window=100) == wait(BUSY)


def test_a_new_feed_is_looked_at_again_soon() -> None:
    assert wait(SILENT, is_first=True) <= timedelta(minutes=16)


@pytest.mark.parametrize("bounds", [Bounds(floor=timedelta(hours=2)), Bounds(ceiling=timedelta(seconds=90))])
def test_the_operators_bounds_hold(bounds: Bounds) -> None:
    for rhythm in (BUSY, DAILY, SILENT):
        assert bounds.floor <= interval(rhythm, feed=FEED, bounds=bounds, now=NOW) <= max(bounds.ceiling, bounds.floor)


def test_the_floor_may_be_seconds() -> None:
    assert interval(
        BUSY, feed=FEED, bounds=Bounds(floor=timedelta(seconds=1), ceiling=timedelta(seconds=2)), now=NOW
    ) <= timedelta(seconds=2)


def test_feeds_drift_apart() -> None:
    factors = {round(jitter(f"https://{number}.example/"), 3) for number in range(50)}

    assert len(factors) > 20
    assert all(0.95 <= factor <= 1.05 for factor in factors)


@pytest.mark.parametrize(
    ("headers", "wish"),
    [
        ({"cache-control": "public, max-age=600"}, timedelta(minutes=10)),
        ({"cache-control": "max-age=600", "age": "200"}, timedelta(seconds=400)),
        ({"cache-control": "max-age=60", "age": "200"}, None),
        ({"cache-control": "no-cache, max-age=600"}, None),
        ({"cache-control": "max-age=0"}, None),
        ({"expires": "Tue, 06 Jan 2026 12:30:00 GMT"}, timedelta(minutes=30)),
        ({"expires": "Tue, 06 Jan 2026 12:30:00 GMT", "date": "Tue, 06 Jan 2026 12:20:00 GMT"}, timedelta(minutes=10)),
        ({"expires": "0"}, None),
        ({}, None),
    ],
)
def test_headers_say_how_long_an_answer_keeps(headers: dict[str, str], wish: timedelta | None) -> None:
    assert hints.from_headers(headers, now=NOW) == wish


def test_the_longest_wish_counts() -> None:
    said = Hints(ttl=timedelta(minutes=30), update_period=timedelta(minutes=15))

    assert hints.longest({"cache-control": "max-age=60"}, said, now=NOW) == timedelta(minutes=30)
