"""A feed's rhythm: how often it has something new, and at which hours of the day."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

RATE_HALF_LIFE = timedelta(days=3)
HOURS_HALF_LIFE = timedelta(days=7)
BATCH = timedelta(minutes=3)
"""Items closer together than this are one event: a batch is found by one poll."""

PRIOR_EVENTS = 0.02
PRIOR_EXPOSURE = timedelta(hours=2.4)
PRIOR_OF_AN_HOUR = 0.5


class Rhythm(msgspec.Struct, frozen=True, kw_only=True):
    """Decayed events, the decayed time they were counted over, and decayed events by UTC hour."""

    events: float = PRIOR_EVENTS
    exposure: float = PRIOR_EXPOSURE.total_seconds()
    hours: tuple[float, ...] = (0.0,) * 24
    at: datetime | None = None

    def rate(self, when: datetime) -> float:
        """Events a second that are to be expected at `when`."""
        return self.rates()[when.astimezone(UTC).hour]

    def rates(self) -> list[float]:
        """Events a second that are to be expected in each UTC hour."""
        hours = [hour + PRIOR_OF_AN_HOUR for hour in self.hours]
        mean = self.events / max(self.exposure, 60.0) * 24 / sum(hours)
        return [mean * (0.5 * hours[n] + 0.25 * (hours[n - 1] + hours[(n + 1) % 24])) for n in range(24)]

    def peak(self) -> float:
        """Events a second in the busiest hour."""
        return max(self.rates())


def begun(dates: Sequence[datetime], *, now: datetime) -> Rhythm:
    """The rhythm of a new feed, from the dates in its first document."""
    moments = batches(dates, since=now - timedelta(days=30), until=now)
    if not moments:
        return Rhythm(at=now)
    span = now - moments[0]
    events = PRIOR_EVENTS + sum(_decay(now - moment, RATE_HALF_LIFE) for moment in moments)
    exposure = PRIOR_EXPOSURE.total_seconds() + _exposure(span)
    hours = [0.0] * 24
    for moment in moments:
        hours[moment.astimezone(UTC).hour] += _decay(now - moment, HOURS_HALF_LIFE)
    return Rhythm(events=events, exposure=exposure, hours=tuple(hours), at=now)


def observed(rhythm: Rhythm, dates: Sequence[datetime], *, now: datetime) -> Rhythm:
    """The rhythm after a poll that found new items of `dates`; none is an observation too."""
    passed = max(timedelta(), now - (rhythm.at or now))
    rate_decay, hours_decay = _decay(passed, RATE_HALF_LIFE), _decay(passed, HOURS_HALF_LIFE)
    moments = batches(dates, since=now - max(passed, timedelta(days=1)), until=now)
    hours = [hour * hours_decay for hour in rhythm.hours]
    for moment in moments:
        hours[moment.astimezone(UTC).hour] += 1
    return Rhythm(
        events=rhythm.events * rate_decay + len(moments),
        exposure=rhythm.exposure * rate_decay + _exposure(passed),
        hours=tuple(hours),
        at=now,
    )


def batches(dates: Sequence[datetime], *, since: datetime, until: datetime) -> list[datetime]:
    """One moment for each run of dates within three minutes of each other, oldest first; others are cut off."""
    moments: list[datetime] = []
    last: datetime | None = None
    for date in sorted(date for date in dates if since <= date <= until):
        if last is None or date - last > BATCH:
            moments.append(date)
        last = date
    return moments


def _decay(passed: timedelta, half_life: timedelta) -> float:
    return float(0.5 ** (passed / half_life))


def _exposure(passed: timedelta) -> float:
    return RATE_HALF_LIFE.total_seconds() / math.log(2) * (1 - _decay(passed, RATE_HALF_LIFE))
