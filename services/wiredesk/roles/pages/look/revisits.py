"""The revisit schedule: when to fetch a page again, for new comments and corrections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST_LOOK = timedelta(minutes=5)
GROWTH = 1.5
LONGEST = timedelta(hours=24)
CLOSED_AFTER = timedelta(days=14)
"""Decay and end of a thread's life: five minutes growing by half to a day, closed at two weeks."""

EMPTY_CLOSED_AFTER = timedelta(days=3)
"""A page that takes comments and got none by then is left: hardly a first one comes later."""

MEMORY = timedelta(hours=1)
"""How long a page without a thread is remembered, so that a second feed with the same link fetches nothing."""

TRIES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""Pauses between tries of a page that fails for a passing reason; after the last the feed's own content is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The pauses of retries and revisits; a demo or a test has shorter ones."""

    first_look: timedelta = FIRST_LOOK
    growth: float = GROWTH
    tries: tuple[timedelta, ...] = TRIES


USUAL = Pace()


def next_look(
    *, looks: int, is_empty: bool, first_seen: datetime, now: datetime, pace: Pace = USUAL
) -> datetime | None:
    """When a live thread is looked at after `looks` looks; None once it is closed."""
    if now - first_seen >= (EMPTY_CLOSED_AFTER if is_empty else CLOSED_AFTER):
        return None
    return now + min(LONGEST, pace.first_look * pace.growth ** min(looks, 40))


def next_try(*, tries: int, now: datetime, pace: Pace = USUAL) -> datetime | None:
    """When a failed page is tried again after `tries` tries; None once it is given up."""
    return now + pace.tries[tries] if tries < len(pace.tries) else None
