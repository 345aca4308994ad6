"""Offsets from UTC as people write them: `+0530`, `GMT+2`, `CEST`, `Europe/Oslo`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MAX_OFFSET = timedelta(hours=14)
"""The largest in use, in Kiribati; what is beyond is no offset."""

MAX_WEST = timedelta(hours=12)
"""No clock is further behind Greenwich."""

_RFC822 = {"EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420}
_ELSEWHERE = {
    "UTC": 0,
    "GMT": 0,
    "UT": 0,
    "UCT": 0,
    "Z": 0,
    "WET": 0,
    "BST": 60,
    "CET": 60,
    "MET": 60,
    "MEZ": 60,
    "WEST": 60,
    "WAT": 60,
    "CEST": 120,
    "MEST": 120,
    "MESZ": 120,
    "EET": 120,
    "SAST": 120,
    "CAT": 120,
    "EEST": 180,
    "MSK": 180,
    "EAT": 180,
    "TRT": 180,
    "IDT": 180,
    "IRST": 210,
    "MSD": 240,
    "IRDT": 270,
    "PKT": 300,
    "YEKT": 300,
    "NPT": 345,
    "WIB": 420,
    "ICT": 420,
    "HKT": 480,
    "SGT": 480,
    "AWST": 480,
    "WITA": 480,
    "PHT": 480,
    "JST": 540,
    "KST": 540,
    "WIT": 540,
    "ACST": 570,
    "AEST": 600,
    "ACDT": 630,
    "AEDT": 660,
    "NZST": 720,
    "NZDT": 780,
    "NST": -210,
    "NDT": -150,
    "ADT": -180,
    "BRT": -180,
    "ART": -180,
    "CLT": -240,
    "CLST": -180,
    "VET": -240,
    "COT": -300,
    "PET": -300,
    "AKST": -540,
    "AKDT": -480,
    "HST": -600,
}

MINUTES: Mapping[str, int] = _ELSEWHERE | {name: east for name, east in _RFC822.items() if name not in ("CST", "CDT")}
"""Minutes east of UTC by the names that have one meaning in the press: EST and BST as Americans and Britons use them."""

REGIONS: Mapping[str, str] = {
    "ET": "America/New_York",
    "CT": "America/Chicago",
    "MT": "America/Denver",
    "PT": "America/Los_Angeles",
}
"""American names that hold all year, in summer time and out of it."""

AMBIGUOUS = frozenset({"IST", "CST", "CDT", "AST", "GST", "SST", "AMT", "ECT", "WST", "BDT", "ACT"})
"""India, Israel or Ireland; Chicago, Shanghai or Havana: who writes no more than that names no instant."""

_OFFSET = re.compile(r"(?P<sign>[+\-\u2212])(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?")
_NAME = re.compile(r"[A-Za-z]{1,5}")
_REGION = re.compile(r"[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_-]+){1,2}")


def zone(text: str, *, is_rfc822: bool = False) -> tzinfo | None:
    """The zone that `text` names, upper case or not; None where it names none, or several.

    In a date of RFC 822's form CST and CDT are those of its section 5.1, six and five hours west.
    """
    name = text.strip().removesuffix(".").upper()
    if is_rfc822 and name in _RFC822:
        return _east(_RFC822[name])
    if name in MINUTES:
        return _east(MINUTES[name])
    if name in REGIONS or _REGION.fullmatch(text):
        return _region(REGIONS.get(name, text))
    for prefix in ("GMT", "UTC", "UT"):
        name = name.removeprefix(prefix).lstrip()
    return offset(name)


def offset(text: str) -> tzinfo | None:
    """`+0530`, `+05:30`, `-3` as a zone; None where it is none."""
    match = _OFFSET.fullmatch(text)
    if not match or int(match["minutes"] or 0) > 59:
        return None
    east = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
    if east > (MAX_OFFSET if match["sign"] == "+" else MAX_WEST):
        return None
    return timezone(east if match["sign"] == "+" else -east) if east else UTC


def _east(minutes: int) -> tzinfo:
    return timezone(timedelta(minutes=minutes)) if minutes else UTC


def _region(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of the database, such as `America`
        return None


def is_name(text: str) -> bool:
    """Whether `text` is a zone's name that is known, be it ambiguous, in the upper case in which zones are written."""
    return text in MINUTES or text in AMBIGUOUS or text in REGIONS
