"""Times of day with their zone, as they stand beside a date: `8:30 PM EDT`, `20:30:00 GMT+0200 (CEST)`, `19.18 Uhr`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from wiredesk.text import zones

_AM = r"a\.?\s?m\b\.?|π\.?\s?μ\b\.?|صباحا|오전|上午|午前"
_PM = r"p\.?\s?m\b\.?|μ\.?\s?μ\b\.?|مساء|오후|下午|午後"
_CLOCK = re.compile(
    rf"""(?:(?P<am_first>오전|上午|午前)\s?|(?P<pm_first>오후|下午|午後)\s?)?
    (?:(?<=\d)T|(?<![\w.,:/+\-])|(?<=[日일]))
    (?:(?P<hour>\d{{1,2}})(?:\s?[:h\uff1a]|\s?[时時시点點]\s?|\.(?=\d\d\s?Uhr))(?P<minute>[0-5]\d|\d(?=:\d))[分분]?
       (?::(?P<second>[0-5]\d|60|\d(?!\d))(?:[.,](?P<fraction>\d{{1,12}}))?)?
     |(?P<bare_hour>\d{{1,2}})(?=\s?(?:[ap]\.?\s?m\b)))
    (?!\d)\s?(?:(?P<am>{_AM})|(?P<pm>{_PM})|Uhr\b|hrs?\b|h\b)?""",
    re.IGNORECASE | re.VERBOSE,
)
_COMPACT = re.compile(r"(?<=\d)T(\d\d)(?:(\d\d)(\d\d)?)?(?=[.,Zz+\-\u2212\[\s]|$)", re.IGNORECASE)
_OFFSET = r"(?:(?:GMT|UTC|UT)\s?)?[+\-\u2212]\d{1,2}(?::?\d\d)?(?![\d:])|(?:GMT|UTC|UT)[+\-\u2212]\d{1,2}(?![\d:])"
_ZONE = re.compile(
    rf"""\s?(?:(?P<offset>{_OFFSET})(?:\s(?P<label>[A-Z]{{2,5}})\b)?
    |(?P<region>[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_-]+)+)
    |(?P<name>[A-Za-z]{{1,5}})\b\.?)?
    (?:\s?\[(?P<bracket>[^\[\]]{{1,40}})\])?(?:\s?\((?P<comment>[^()]{{1,60}})\))?""",
    re.VERBOSE,
)


class NoInstantError(ValueError):
    """What is written contradicts itself, or names several instants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A time of day, at `start` to `end` of its text; `zone` is None where none is written."""

    since_midnight: timedelta
    zone: tzinfo | None
    start: int
    end: int


def at(day: date, clock: Clock | None) -> datetime:
    """The instant in UTC. Without a clock it is midnight, without a zone UTC. Raises `OverflowError` at the calendar's ends."""
    midnight = datetime.combine(day, time(), tzinfo=(clock.zone if clock else None) or UTC)
    # A sum of wall times: 24:00 is the midnight that follows, 23:59:60 the second before it is over.
    return (midnight + (clock.since_midnight if clock else timedelta())).astimezone(UTC)


def extended(text: str) -> str:
    """`text` with the times of ISO 8601's basic format, `T120000`, in the extended one."""
    return _COMPACT.sub(lambda match: f"T{match[1]}:{match[2] or '00'}:{match[3] or '00'}", text)


def find(text: str, *, is_rfc822: bool = False, in_prose: bool = False) -> Clock | None:
    """The first time of day in `text` with the zone behind it; None where there is none.

    In prose a zone's name counts only as zones are written, in upper case.
    Raises `NoInstantError` for a zone that means several, and for an hour that cannot be.
    """
    match = _CLOCK.search(text)
    if not match:
        return None
    length = _since_midnight(match)
    zone, end = _zone(text, match.end(), is_rfc822=is_rfc822, in_prose=in_prose)
    return Clock(since_midnight=length, zone=zone, start=match.start(), end=end)


def _since_midnight(match: re.Match[str]) -> timedelta:
    hour, minute, second = (
        int(match["hour"] or match["bare_hour"]),
        int(match["minute"] or 0),
        int(match["second"] or 0),
    )
    if match["am"] or match["am_first"]:
        hour = _twelve_hours(hour, match[0]) % 12
    elif match["pm"] or match["pm_first"]:
        # Some write 20:30 PM: nothing contradicts it.
        hour = hour if 12 < hour < 24 else _twelve_hours(hour, match[0]) % 12 + 12
    length = timedelta(
        hours=hour, minutes=minute, seconds=second, microseconds=int((match["fraction"] or "")[:6].ljust(6, "0"))
    )
    if hour > 24 or (length > timedelta(days=1) and not (hour == 23 and second == 60)):
        raise NoInstantError(f"no time of day: {match[0]!r}")
    return length


def _twelve_hours(hour: int, written: str) -> int:
    if not 0 <= hour <= 12:
        raise NoInstantError(f"no hour of twelve: {written!r}")
    return hour


def _zone(text: str, start: int, *, is_rfc822: bool, in_prose: bool) -> tuple[tzinfo | None, int]:
    """The zone at `start` and where it ends; what stands there instead of a zone is left."""
    match = _ZONE.match(text, start)
    if not match:
        return None, start
    if match["offset"]:
        return _known(zones.zone(match["offset"]), match["offset"]), match.end()
    if match["region"]:
        return _known(zones.zone(match["region"]), match["region"]), match.end()
    name = match["name"] or ""
    if name and (zones.is_name(name) or (not in_prose and zones.is_name(name.upper()))):
        return _known(zones.zone(name, is_rfc822=is_rfc822), name), match.end()
    if name or not (match["bracket"] or match["comment"]):
        return None, start
    aside = match["bracket"] or match["comment"]
    zone = zones.zone(aside)
    if zone is None and (match["bracket"] or zones.is_name(aside)):
        raise NoInstantError(f"zone {aside!r} is unknown, or means several")
    return zone, match.end() if zone else start


def _known(zone: tzinfo | None, written: str) -> tzinfo:
    if zone is None:
        raise NoInstantError(f"zone {written!r} is unknown, or means several")
    return zone
