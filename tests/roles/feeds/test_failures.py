"""What failed polls mean."""

from datetime import UTC, datetime, timedelta

import pytest

from wiredesk.roles.feeds.failures import DORMANT_AFTER, MONTH, WEEK, Failures, change, failed, pause

NOW = datetime(2026, 1, 6, 12, tzinfo=UTC)
USUAL = timedelta(minutes=2)


def after(reason: str, times: int, *, gap: timedelta = timedelta(minutes=1)) -> tuple[Failures, datetime]:
    failures, now = Failures(), NOW
    for number in range(times):
        now = NOW + gap * number
        failures = failed(failures, reason=reason, now=now)
    return failures, now


@pytest.mark.parametrize(
    ("reason", "pauses"),
    [
        ("timeout", [5, 10, 20, 40]),
        ("404", [5, 10, 20, 40]),
        ("403", [30, 60, 120, 240]),
        ("dns", [1, 2, 4, 8]),
        ("410", [6 * 60, 24 * 60, 7 * 24 * 60, 7 * 24 * 60]),
    ],
)
def test_pauses_grow_with_each_failure_in_a_row(reason: str, pauses: list[int]) -> None:
    waited = [pause(after(reason, times)[0], usual=USUAL, now=NOW) for times in range(1, 5)]

    assert waited == [timedelta(minutes=minutes) for minutes in pauses]


def test_a_slow_feed_is_not_polled_more_often_for_failing() -> None:
    assert pause(after("timeout", 1)[0], usual=timedelta(hours=5), now=NOW) == timedelta(hours=5)


@pytest.mark.parametrize(("reason", "times"), [("timeout", 60), ("403", 30), ("410", 10)])
def test_enough_weight_makes_a_feed_dormant_but_never_dead(reason: str, times: int) -> None:
    awake, _ = after(reason, times - 1)
    dormant, then = after(reason, times)

    assert (awake.dormant_since, dormant.dormant_since) == (None, then)
    assert pause(dormant, usual=USUAL, now=then) == WEEK
    assert pause(dormant, usual=USUAL, now=then + timedelta(days=91)) == MONTH


def test_fourteen_days_without_success_make_a_feed_dormant_whatever_the_reason() -> None:
    failures, _ = after("dns", 2, gap=DORMANT_AFTER)

    assert failures.dormant_since == NOW + DORMANT_AFTER


def test_each_change_is_told_once() -> None:
    young, now = after("timeout", 3)
    day_old, later = after("timeout", 3, gap=timedelta(hours=12))
    dormant, then = after("410", 10)

    assert change(young, now=now) == ""
    assert change(day_old, now=later) == "failing"
    assert change(Failures(since=NOW, told="failing"), now=later) == ""
    assert change(dormant, now=then) == "dormant"
    assert change(Failures(dormant_since=NOW, told="dormant"), now=then) == ""
