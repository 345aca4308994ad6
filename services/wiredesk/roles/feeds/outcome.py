"""Decides what follows from a poll: the next state, the note, the next poll. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from wiredesk import events
from wiredesk.events.kinds import FeedChange
from wiredesk.outbound.door import Answer
from wiredesk.outbound.retry_after import retry_after
from wiredesk.roles.feeds import failures, hints, rhythm, schedule
from wiredesk.roles.feeds.failures import Failures
from wiredesk.roles.feeds.reading import FeedReading, Pair
from wiredesk.roles.feeds.schedule import Bounds
from wiredesk.roles.feeds.state import NOTED_AGAIN, Listed, PollState

LONGEST_WISH = timedelta(days=7)
"""The longest `Retry-After` that is obeyed."""

FULL_DOCUMENT = 5
"""Of so many items or more, all of them new, some were probably pushed out before we came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollFailure:
    """Why a poll gave nothing: `reason` is a class of `failures`, `error` the sentence for people."""

    reason: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """One look at a feed: an answer and its reading, an answer without one as nothing has changed, or a failure."""

    answer: Answer | None = None
    is_audit: bool = False  # it was asked without conditions, to see whether they say anything
    body_digest: bytes = b""
    listed: Listed = field(default_factory=dict)  # by the document before, where there is a reading
    reading: FeedReading | None = None
    failure: PollFailure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """What follows from a look; `change` is failing, dormant, back or empty; `lost_items`: polled too late.

    `shown` are the pairs of entry id and revision to note as shown.
    """

    state: PollState
    wait: timedelta
    shown: Sequence[Pair] = ()
    change: FeedChange | Literal[""] = ""
    lost_items: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PollPolicy:
    """What the operator asks of this feed."""

    feed: str
    priority: float
    bounds: Bounds


def after(state: PollState, look: Polled, fresh: Sequence[events.Entry], wish: PollPolicy, *, now: datetime) -> Next:
    """What follows from `look`; `fresh` are the entries that had not been seen."""
    if look.failure:
        return _after_failure(state, look, look.failure, wish, now=now)
    assert look.answer is not None
    changed = _changed(state, look, fresh, now=now)
    is_full = len(fresh) >= FULL_DOCUMENT and look.reading is not None and len(fresh) == len(look.reading.pairs)
    lost = is_full and not state.is_first
    wait = schedule.interval(
        rhythm.observed(changed.rhythm, (), now=now) if changed.rhythm else rhythm.Rhythm(),
        feed=wish.feed,
        bounds=wish.bounds,
        now=now,
        priority=wish.priority,
        hint=hints.longest(look.answer.headers, changed.hints, now=now),
        window=changed.window,
        is_first=state.is_first,
    )
    wait = max(wait / 2, wish.bounds.floor) if lost else wait
    return Next(
        state=changed,
        wait=wait,
        shown=_shown(look, is_all=changed.noted_at == now),
        change="back" if state.failures.told else "",
        lost_items=lost,
    )


def _shown(look: Polled, *, is_all: bool) -> Sequence[Pair]:
    if look.reading is None:
        return ()
    before = set() if is_all else {(name, revision) for name, revision, _ in look.listed.values()}
    return [pair for pair in look.reading.pairs if pair not in before]


def _changed(state: PollState, look: Polled, fresh: Sequence[events.Entry], *, now: datetime) -> PollState:
    assert look.answer is not None
    headers, reading = look.answer.headers, look.reading
    dates = [entry.published_at or now for entry in fresh]
    known = state.rhythm
    is_liar = reading is not None and look.is_audit and state.caught_lying(look.answer, look.body_digest)
    is_noted = state.noted_at is not None and now - state.noted_at < NOTED_AGAIN
    changed = msgspec.structs.replace(
        state,
        # A 304 may carry new validators; those it does not repeat still hold.
        etag=headers.get("etag", "" if reading else state.etag),
        last_modified=headers.get("last-modified", "" if reading else state.last_modified),
        # What decays with time alone is reckoned when it is asked for, so that a quiet poll changes nothing.
        rhythm=rhythm.observed(known, dates, now=now) if known and dates else known,
        failures=Failures(),
        moved=state.moved.seen(look.answer, now=now),
        liar_since=now if is_liar else state.liar_since,
    )
    if reading is None:
        return changed
    return msgspec.structs.replace(
        changed,
        body_digest=look.body_digest,
        listed={},
        noted_at=state.noted_at if is_noted else now,
        window=len(reading.pairs) or state.window,
        hint_seconds=reading.wish.total_seconds() if reading.wish else 0.0,
        rhythm=changed.rhythm or _begun(reading, now=now),
    )


def _begun(reading: FeedReading, *, now: datetime) -> rhythm.Rhythm:
    return rhythm.begun([entry.published_at for entry in reading.entries if entry.published_at], now=now)


def _after_failure(state: PollState, look: Polled, failure: PollFailure, wish: PollPolicy, *, now: datetime) -> Next:
    failed = failures.failed(state.failures, reason=failure.reason, now=now)
    change = failures.change(failed, now=now)
    failed = msgspec.structs.replace(failed, told=change or failed.told)
    usual = schedule.interval(
        rhythm.observed(state.rhythm, (), now=now) if state.rhythm else rhythm.Rhythm(),
        feed=wish.feed,
        bounds=wish.bounds,
        now=now,
        priority=wish.priority,
        window=state.window,
        is_first=state.is_first,
    )
    wait = failures.pause(failed, usual=usual, now=now)
    retry_wait = retry_after(look.answer.headers, now=now) if look.answer else None
    wait = max(wait, min(retry_wait, LONGEST_WISH)) if retry_wait else wait
    return Next(state=msgspec.structs.replace(state, failures=failed), wait=wait, change=change)
