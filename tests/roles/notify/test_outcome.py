"""What becomes of a webhook after a try."""

from datetime import UTC, datetime, timedelta

import pytest

from wiredesk.outbound.door import Answer
from wiredesk.outbound.failure import FetchFailed
from wiredesk.roles.notify.outcome import MOST_TRIES, SCHEDULE, DeliveryOutcome, after_answer, after_silence

NOW = datetime(2026, 1, 6, 12, tzinfo=UTC)
S = timedelta(seconds=1)


def after(status: int, retry_after: str = "", *, tries: int = 1, jitter: float = 1.0) -> DeliveryOutcome:
    headers = {"retry-after": retry_after} if retry_after else {}
    answer = Answer(status=status, url="https://ops.example/", headers=headers, body=b"")
    return after_answer(answer, tries=tries, jitter=jitter, now=NOW)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_delivers(status: int) -> None:
    assert after(status) == DeliveryOutcome(status="delivered", status_code=status)


def test_410_ends_the_delivery_and_disables_the_endpoint() -> None:
    outcome = after(410)

    assert (outcome.status, outcome.disables, outcome.wait) == ("failed", True, None)


@pytest.mark.parametrize("status", [100, 301, 302, 308, 400, 401, 404, 500, 501])
def test_anything_else_is_tried_again_by_the_schedule(status: int) -> None:
    outcome = after(status)

    assert (outcome.status, outcome.wait, outcome.pause, outcome.disables) == ("waiting", 5 * S, None, False)
    assert str(status) in outcome.reason


def test_no_answer_is_tried_again_by_the_schedule() -> None:
    outcome = after_silence(FetchFailed("…", reason="timeout", host="ops.example"), tries=2, jitter=0.5, silences=4)

    assert outcome == DeliveryOutcome(status="waiting", reason="no answer: timeout", wait=150 * S, is_silence=True)


@pytest.mark.parametrize(("silences", "rest"), [(4, None), (5, 15), (6, 30), (7, 60), (99, 300)])
def test_who_is_silent_again_and_again_is_left_alone(silences: int, rest: int | None) -> None:
    outcome = after_silence(
        FetchFailed("…", reason="timeout", host="ops.example"), tries=1, jitter=0, silences=silences
    )

    assert outcome.pause == (None if rest is None else rest * S)
    assert outcome.wait == (outcome.pause or 0 * S)


def test_the_schedule_is_that_of_the_specification() -> None:
    waits = [after(500, tries=tries).wait for tries in range(1, MOST_TRIES)]

    minute, hour = 60, 3600
    assert [wait.total_seconds() for wait in waits if wait] == [
        5,
        5 * minute,
        30 * minute,
        2 * hour,
        5 * hour,
        10 * hour,
        14 * hour,
        20 * hour,
        24 * hour,
    ]


@pytest.mark.parametrize("jitter", [0.0, 0.3, 1.0])
def test_jitter_is_full(jitter: float) -> None:
    assert after(500, tries=3, jitter=jitter).wait == SCHEDULE[2] * jitter


@pytest.mark.parametrize("status", [301, 429, 500])
def test_the_tenth_failure_is_the_last(status: int) -> None:
    assert after(status, tries=9).status == "waiting"
    last = after(status, tries=10)
    assert (last.status, last.wait, last.disables) == ("failed", None, False)
    assert f"{status}" in last.reason
    assert "the last of 10 tries" in last.reason


@pytest.mark.parametrize("asked", ["120", "Tue, 06 Jan 2026 12:02:00 GMT"])
@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_an_endpoint_that_asks_for_a_pause_gets_one(status: int, asked: str) -> None:
    outcome = after(status, asked)

    assert (outcome.status, outcome.wait, outcome.pause) == ("waiting", 120 * S, 120 * S)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_an_overloaded_endpoint_that_asks_for_nothing_gets_a_minute(status: int) -> None:
    assert (after(status).wait, after(status).pause) == (60 * S, 60 * S)


def test_a_pause_that_is_asked_for_never_shortens_the_schedule() -> None:
    assert after(429, "1", tries=2).wait == SCHEDULE[1]


def test_a_pause_of_years_is_cut_to_a_day() -> None:
    assert after(429, "99999999").wait == timedelta(days=1)


def test_retry_after_counts_for_this_delivery_where_the_endpoint_is_not_overloaded() -> None:
    assert (after(500, "120").wait, after(500, "120").pause) == (120 * S, None)
