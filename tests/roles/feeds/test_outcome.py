"""What follows from a poll."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web import item, rss
from wiredesk.outbound.door import Answer
from wiredesk.roles.feeds.outcome import Next, Polled, PollFailure, PollPolicy, after
from wiredesk.roles.feeds.reading import FeedReading, Source, read
from wiredesk.roles.feeds.rhythm import begun, observed
from wiredesk.roles.feeds.schedule import Bounds
from wiredesk.roles.feeds.state import AUDIT_EVERY, TRUST_AGAIN, Moved, PollState, decode, encode, is_audit

FEED = "http://paper.example/feed"
NOW = datetime(2026, 1, 6, 12, tzinfo=UTC)
WISH = PollPolicy(feed=FEED, priority=1.0, bounds=Bounds())
FAILED = Polled(failure=PollFailure(reason="timeout", error="too slow"))


def answer(status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, url=FEED, headers=named, body=b"")


def reading(*names: str, when: datetime = NOW) -> FeedReading:
    source = Source(feed=FEED, url=FEED, content_type="", content_location="", seen_at=when)
    return read(rss(*(item(name) for name in names)).encode(), source, {})


def polled(state: PollState, *names: str, now: datetime = NOW, **headers: str) -> Next:
    found = reading(*names, when=now)
    look = Polled(answer=answer(200, **headers), body_digest=" ".join(names).encode(), reading=found)
    return after(state, look, found.entries, WISH, now=now)


def audited(state: PollState, *names: str, **headers: str) -> Next:
    found = reading(*names)
    look = Polled(answer=answer(200, **headers), is_audit=True, body_digest=" ".join(names).encode(), reading=found)
    return after(state, look, found.entries, WISH, now=NOW)


def sent(state: PollState, *, now: datetime = NOW) -> dict[str, str]:
    return state.conditions(now=now, is_audit=False)


def test_validators_are_kept_as_they_are_and_sent_again() -> None:
    first = polled(PollState(), "a", etag='W/"1"', last_modified="Tue, 06 Jan 2026 12:00:00 GMT").state
    renewed = after(first, Polled(answer=answer(304, etag='W/"2"')), (), WISH, now=NOW).state

    assert sent(first) == {
        "If-None-Match": 'W/"1"',
        "If-Modified-Since": "Tue, 06 Jan 2026 12:00:00 GMT",
    }
    assert sent(renewed)["If-None-Match"] == 'W/"2"'
    assert sent(renewed)["If-Modified-Since"] == "Tue, 06 Jan 2026 12:00:00 GMT"
    assert sent(polled(renewed, "b").state) == {}


def test_a_server_that_lies_about_change_is_asked_without_conditions_for_a_week() -> None:
    known = polled(PollState(), "a", etag='"x"').state

    assert known.conditions(now=NOW, is_audit=True) == {}
    liar = audited(known, "b", etag='"x"').state
    assert sent(liar) == {}
    assert sent(liar, now=NOW + TRUST_AGAIN) == {"If-None-Match": '"x"'}
    honest = audited(known, "b", etag='"y"').state
    assert sent(honest) == {"If-None-Match": '"y"'}


def test_one_poll_in_a_hundred_is_an_audit_whatever_the_rhythm() -> None:
    for step in (1, 60, 900, 3600):
        audits = sum(is_audit(FEED, now=NOW + timedelta(seconds=step * number)) for number in range(20_000))
        assert 0.8 < audits / 20_000 * AUDIT_EVERY < 1.2


def test_a_poll_that_finds_nothing_leaves_the_state_as_it_was() -> None:
    known = polled(PollState(), "a", "b", etag='"x"').state

    unchanged = after(known, Polled(answer=answer(304, etag='"x"')), (), WISH, now=NOW + timedelta(hours=3)).state

    assert unchanged == known


@given(st.lists(st.integers(1, 10**6), max_size=8))
def test_what_decays_with_time_is_the_same_however_often_it_is_looked_at(gaps: list[int]) -> None:
    once, often = (begun([NOW - timedelta(hours=5)], now=NOW) for _ in range(2))
    for at in accumulate(gaps):
        often = observed(often, (), now=NOW + timedelta(seconds=at))
    once = observed(once, (), now=NOW + timedelta(seconds=sum(gaps)))

    assert once.rate(NOW) == pytest.approx(often.rate(NOW), rel=1e-9)


def test_what_a_document_listed_before_is_noted_again_twice_a_day_and_what_is_new_at_once() -> None:
    first = polled(PollState(), "a", "b")
    listed = reading("a", "b").listed

    def shown(hours: int) -> set[str]:
        found = reading("a", "c", when=NOW + timedelta(hours=hours))
        look = Polled(answer=answer(200), body_digest=b"c", listed=listed, reading=found)
        return {name for name, _ in after(first.state, look, (), WISH, now=NOW + timedelta(hours=hours)).shown}

    assert len(first.shown) == 2
    assert len(shown(1)) == 1
    assert len(shown(13)) == 2


def test_a_new_feed_is_polled_again_within_a_quarter_of_an_hour() -> None:
    assert polled(PollState(), "a").wait <= timedelta(minutes=16)


def test_wishes_hold_on_304_as_well() -> None:
    known = polled(PollState(), *map(str, range(20))).state

    waits = [
        after(known, Polled(answer=answer(304, cache_control="max-age=3000")), (), WISH, now=NOW).wait,
        after(msgspec.structs.replace(known, hint_seconds=3000), Polled(answer=answer(304)), (), WISH, now=NOW).wait,
    ]

    assert all(wait >= timedelta(seconds=3000) for wait in waits)


def test_when_all_of_a_full_document_is_new_we_came_too_late() -> None:
    known = polled(PollState(), *map(str, range(20))).state

    late = polled(known, *map(str, range(100, 120)))

    assert late.lost_items
    assert not polled(PollState(), *map(str, range(20))).lost_items


@pytest.mark.parametrize(("said", "wait"), [("7200", timedelta(hours=2)), (str(30 * 86_400), timedelta(days=7))])
def test_retry_after_is_heeded_up_to_a_week(said: str, wait: timedelta) -> None:
    look = replace(FAILED, answer=answer(503, retry_after=said))

    assert after(PollState(), look, (), WISH, now=NOW).wait == wait


def test_failing_and_recovery_are_told_once_each() -> None:
    state = PollState()
    told: list[str] = []
    for hour in (0, 12, 24, 36):
        following = after(state, FAILED, (), WISH, now=NOW + timedelta(hours=hour))
        state, told = following.state, [*told, following.change]
    back = polled(state, "a", now=NOW + timedelta(hours=40))

    assert told == ["", "", "failing", ""]
    assert back.change == "back"
    assert polled(back.state, "b").change == ""


def test_a_failure_keeps_what_is_known() -> None:
    known = polled(PollState(), "a", etag='"x"').state

    failed = after(known, FAILED, (), WISH, now=NOW).state

    assert (failed.etag, failed.rhythm, failed.body_digest) == (known.etag, known.rhythm, known.body_digest)


@pytest.mark.parametrize(
    ("to", "days", "sightings", "is_proved"),
    [
        ("https://paper.example/feed", 0, 2, True),
        ("https://paper.example/feed", 0, 1, False),
        ("https://other.example/feed", 7, 5, True),
        ("https://other.example/feed", 1, 50, False),
        ("https://other.example/feed", 30, 4, False),
    ],
)
def test_a_permanent_redirect_must_prove_itself(to: str, days: int, sightings: int, is_proved: bool) -> None:
    moved = Moved()
    for number in range(sightings):
        when = NOW + timedelta(days=days) * number / max(1, sightings - 1)
        moved = moved.seen(replace(answer(), moved_permanently_to=to), now=when)

    assert moved.is_proved(FEED, now=NOW + timedelta(days=days)) is is_proved
    assert moved.seen(answer(), now=NOW) == Moved()


def test_the_state_survives_the_database() -> None:
    state = polled(PollState(), "a", "b", etag='"x"').state

    assert decode(encode(state)) == state
    assert decode(None) == decode(b"\xffrubbish") == PollState()
