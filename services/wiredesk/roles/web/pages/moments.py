"""Instants as people read them; the age is brought up to date by `console.js`, by the same steps."""

from __future__ import annotations

from datetime import UTC, datetime

from wiredesk.roles.web.pages.markup import Markup, tag

_STEPS = ((86_400, "d"), (3_600, "h"), (60, "min"))


def ago(at: datetime, *, now: datetime) -> str:
    """How long ago in its largest unit, such as `3 min ago`; what is ahead of our clock is `now`."""
    return _told(int((now - at).total_seconds()), "{} ago")


def ahead(at: datetime, *, now: datetime) -> str:
    """How long until then, such as `in 3 min`; `now` where it is overdue."""
    return _told(int((at - now).total_seconds()), "in {}")


def _told(seconds: int, phrase: str) -> str:
    for size, unit in _STEPS:
        if seconds >= size:
            return phrase.format(f"{seconds // size} {unit}")
    return phrase.format(f"{seconds} s") if seconds > 0 else "now"


def age(at: datetime, *, now: datetime) -> Markup:
    """A `time` element that ages."""
    return tag("time", ago(at, now=now), datetime=_machine(at), title=clock(at), data_age=True)


def until(at: datetime, *, now: datetime) -> Markup:
    """A `time` element of something to come."""
    return tag("time", ahead(at, now=now), datetime=_machine(at), title=clock(at))


def instant(at: datetime) -> Markup:
    """A `time` element with date and time of day."""
    return tag("time", clock(at), datetime=_machine(at))


def clock(at: datetime) -> str:
    """To the second, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _machine(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
