"""Dates: an instant or nothing, never a wrong one."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiredesk.documents import texts
from wiredesk.text import dates


def utc(*parts: int) -> datetime:
    year, month, day, *rest = parts
    hour, minute, second = (*rest, 0, 0, 0)[:3]
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


FOR_MACHINES = {
    "2025-07-03T12:00:00Z": utc(2025, 7, 3, 12),
    "2025-07-03T12:00:00+0530": utc(2025, 7, 3, 6, 30),
    "2025-07-03T12:00:00+0545": utc(2025, 7, 3, 6, 15),
    "2025-07-03T12:00:00-0330": utc(2025, 7, 3, 15, 30),
    "2025-07-03T12:00:00.5Z": utc(2025, 7, 3, 12) + timedelta(seconds=0.5),
    "2025-07-03T12:00:00,5+02:00": utc(2025, 7, 3, 10) + timedelta(seconds=0.5),
    "2025-07-03T12:00:00.123456789Z": utc(2025, 7, 3, 12) + timedelta(microseconds=123456),
    "2025-07-03T24:00:00Z": utc(2025, 7, 4),
    "2016-12-31T23:59:60Z": utc(2017, 1, 1),
    "2025-07-03t12:00z": utc(2025, 7, 3, 12),
    "2025-07-03T12+02:00": utc(2025, 7, 3, 10),
    "20250703T120000Z": utc(2025, 7, 3, 12),
    "20250703T1200-0330": utc(2025, 7, 3, 15, 30),
    "20250703120000": utc(2025, 7, 3, 12),
    "20250703": utc(2025, 7, 3),
    "2025-W27-4": utc(2025, 7, 3),
    "2025-07-03": utc(2025, 7, 3),
    "2025-07-03+02:00": utc(2025, 7, 2, 22),
    "2025-07-03 12:00:00 EST": utc(2025, 7, 3, 17),
    "2025-07-03 12:00:00 UTC": utc(2025, 7, 3, 12),
    "2025-07-03 12:00:00 +0800 CST": utc(2025, 7, 3, 4),
    "2025-07-03T12:00:00[Europe/Oslo]": utc(2025, 7, 3, 10),
    "2025-12-03T12:00:00+02:00[Europe/Helsinki]": utc(2025, 12, 3, 10),
    "Thu, 03 Jul 2025 20:30:00 +0200": utc(2025, 7, 3, 18, 30),
    "Thu, 3 Jul 25 20:30 GMT": utc(2025, 7, 3, 20, 30),
    "Thu, 03 Jul 2025 20:30:00 GMT+2": utc(2025, 7, 3, 18, 30),
    "Thu, 03 Jul 2025 20:30:00 +0200 (CEST)": utc(2025, 7, 3, 18, 30),
    "Wed, 02 Jul 2025 10:00:00 CEST": utc(2025, 7, 2, 8),
    "Tue, 02 Dec 2025 10:00:00 CET": utc(2025, 12, 2, 9),
    "Tue, 02 Dec 2025 10:00:00 JST": utc(2025, 12, 2, 1),
    "Tue, 02 Dec 2025 10:00:00 AEDT": utc(2025, 12, 1, 23),
    "Tue, 02 Dec 2025 10:00:00 CST": utc(2025, 12, 2, 16),  # RFC 822, section 5.1
    "Thursday, 03-Jul-25 20:30:00 GMT": utc(2025, 7, 3, 20, 30),
    "Sun Nov  6 08:49:37 1994": utc(1994, 11, 6, 8, 49, 37),
    "Thu Nov 26 22:40:00 CET 2026": utc(2026, 11, 26, 21, 40),
    "Thu Jul 03 2025 20:30:00 GMT+0200 (CEST)": utc(2025, 7, 3, 18, 30),
    "Thu Jul 03 2025 20:30:00 GMT+0200 (Central European Summer Time)": utc(2025, 7, 3, 18, 30),
    "Fri, Oct 7 2022 10:15:00 -0400": utc(2022, 10, 7, 14, 15),
    "Fri, 2006/09/15 08:19:53 EDT": utc(2006, 9, 15, 12, 19, 53),
    "Thu, 01 Jan 1970 00:00:00 GMT": utc(1970, 1, 1),
    "1764191700": utc(2025, 11, 26, 21, 15),
    "1764191700123": utc(2025, 11, 26, 21, 15),
}

FOR_PEOPLE = {
    "July 3, 2025 8:30 PM": utc(2025, 7, 3, 20, 30),
    "July 3, 2025 12:30 AM": utc(2025, 7, 3, 0, 30),
    "July 3, 2025 12:30 PM": utc(2025, 7, 3, 12, 30),
    "July 3, 2025 0:30 PM": utc(2025, 7, 3, 12, 30),
    "July 3, 2025 8 p.m.": utc(2025, 7, 3, 20),
    "July 3, 2025 at 8:30 p.m. ET": utc(2025, 7, 4, 0, 30),
    "December 3, 2025 at 8:30 p.m. ET": utc(2025, 12, 4, 1, 30),
    "July 3, 2025 8:30 PM EDT": utc(2025, 7, 4, 0, 30),
    "Nov 26, 2026 9:15 PM EST": utc(2026, 11, 27, 2, 15),
    "Thu, 03 Jul 2025 08:30 PM +0200": utc(2025, 7, 3, 18, 30),
    "3 Jul 2025 20:30 BST": utc(2025, 7, 3, 19, 30),
    "8:30 PM EDT, July 3, 2025": utc(2025, 7, 4, 0, 30),
    "20:30 - 3 Jul 2025": utc(2025, 7, 3, 20, 30),
    "31.10.2023, 19.18 Uhr": utc(2023, 10, 31, 19, 18),
    "8. Dezember 2010 um 10:56": utc(2010, 12, 8, 10, 56),
    "jeudi 3 juillet 2025 à 10h30": utc(2025, 7, 3, 10, 30),
    "mar. 3 mar. 2020 10:20": utc(2020, 3, 3, 10, 20),
    "Κυρ, 11 Ιούλ 2004 12:00:00 EST": utc(2004, 7, 11, 17),
    "2004-július-13T9:15-05:00": utc(2004, 7, 13, 14, 15),
    "2004-05-25 오후 11:23:45": utc(2004, 5, 25, 23, 23, 45),
    "2025年7月3日 10时30分": utc(2025, 7, 3, 10, 30),
    "06.01.2020": utc(2020, 1, 6),
    "12/28/2013 10:28 AM": utc(2013, 12, 28, 10, 28),
    "28-12-2013": utc(2013, 12, 28),
    "07/07/2025": utc(2025, 7, 7),
    "04.Apr.2019": utc(2019, 4, 4),
    "Thu,28 Jul 2022 4:35:5 GMT+9": utc(2022, 7, 27, 19, 35, 5),
    "01:38:07 PM EDT Nov 20, 2019": utc(2019, 11, 20, 17, 38, 7),
}


@pytest.mark.parametrize(("text", "expected"), [*FOR_MACHINES.items(), *FOR_PEOPLE.items()])
def test_what_is_nothing_but_a_date_is_an_instant(text: str, expected: datetime) -> None:
    assert dates.instant(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "01:38:07 PM IST Nov 20, 2019",
        "3 Jul 2025 20:30 IST",
        "3 Jul 2025 20:30 CST",
        "Wed Jul 02 10:00:00 CST 2025",
        "Wed, 02 Jul 2025 10:00:00 IST",
        "Wed, 02 Jul 2025 10:00:00 XYZ",
        "2025-07-03T12:00:00[Mars/Base]",
        "2025-07-03T12:00:00+25:00",
        "2025-07-03 12:00 (IST)",
    ],
)
def test_a_zone_that_is_unknown_or_means_several_gives_no_instant(text: str) -> None:
    assert dates.instant(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "-1",
        "yesterday",
        "07/03/2025",
        "11-09-2024 3:00 PM",
        "May 2018",
        "2003",
        "2003-12",
        "31.02.2020",
        "2025-07-03T25:00:00Z",
        "4 Jul 2025 13:30 AM",
        "2025-07-03T12:60:00Z",
        "3 July 2025 and 4 July 2025",
        "Updated 2 minutes after 3 July 2025",
        None,
        7,
    ],
)
def test_what_is_no_whole_date_is_no_instant(text: object) -> None:
    assert dates.instant(text) is None


@pytest.mark.parametrize(
    "text", ["1970-01-01T00:00:00Z", "0001-01-01T00:00:00", "1969-12-31T23:00:00-01:00", "2200-01-01"]
)
def test_what_stands_for_no_date_was_never_published(text: str) -> None:
    assert dates.published(text) is None


def test_what_an_archive_holds_was_published() -> None:
    assert dates.published("1965-05-04") == utc(1965, 5, 4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Di, 21. April 2020 - 16:40", utc(2020, 4, 21, 16, 40)),
        ("26 abril 2022 a las 14:02", utc(2022, 4, 26, 14, 2)),
        ("5 de enero de 2020", utc(2020, 1, 5)),
        ("par JPA le 7 mai 2020 - 12:38.", utc(2020, 5, 7, 12, 38)),
        ("1er mars 2020 à 10h30", utc(2020, 3, 1, 10, 30)),
        ("12 января 2020, 10:20", utc(2020, 1, 12, 10, 20)),
        ("於 2013/12/28 10:28", utc(2013, 12, 28, 10, 28)),
        ("2013年12月8日 10:28", utc(2013, 12, 8, 10, 28)),
        ("December 18, 2025, 9:46 pm", utc(2025, 12, 18, 21, 46)),
        ("Sep 1st, 2018 at 12:05 am", utc(2018, 9, 1, 0, 5)),
        ("by Kim on July 3, 2025 at 8:30 PM EDT | Reply", utc(2025, 7, 4, 0, 30)),
        ("le 3 juillet 2025 à 10h30 est arrivé", utc(2025, 7, 3, 10, 30)),
        ("12/28/2013", utc(2013, 12, 28)),
        ("05/04/2013", utc(2013, 4, 5)),
    ],
)
def test_a_date_in_prose_is_found(text: str, expected: datetime) -> None:
    assert dates.in_prose(text) == expected


@pytest.mark.parametrize(
    "text", ["", "yesterday", "May 2018", "31.02.2020", "in 20 years, 2018", "99 mars 2020", "3 Jul 2025 20:30 IST"]
)
def test_prose_that_names_no_day_or_no_instant_has_no_date(text: str) -> None:
    assert dates.in_prose(text) is None


def test_what_stands_before_the_date_is_left_over() -> None:
    assert dates.before("Mirko Lange — 17.07, 2011 @ 13:04") == "Mirko Lange — "
    assert dates.before("Mirko Lange") == "Mirko Lange"


@pytest.fixture(params=["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati"])
def zone_of_the_machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setitem(os.environ, "TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("zone_of_the_machine")
def test_the_zone_of_the_machine_changes_nothing() -> None:
    read = {text: dates.instant(text) for text in (*FOR_MACHINES, *FOR_PEOPLE)}

    assert read == FOR_MACHINES | FOR_PEOPLE


_PIECES = st.sampled_from(
    [
        "2025",
        "-",
        "07",
        "03",
        "T",
        "12",
        ":",
        "30",
        "60",
        "99",
        "PM",
        "am",
        "EST",
        "IST",
        "+",
        "0530",
        "Z",
        "[",
        "Europe/Oslo",
        "]",
        "(",
        ")",
        " ",
        ",",
        ".",
        "Jul",
        "mars",
        "年",
        "9999-12-31",
        "0001-01-01",
        "-14:00",
        "+14:00",
        "W27",
        "Uhr",
        "America",
        "٣",
    ]
)


@given(st.text() | st.lists(_PIECES, max_size=16).map("".join))
def test_any_text_gives_an_instant_in_utc_or_nothing(text: str) -> None:
    for at in (
        dates.instant(text),
        dates.published(text),
        dates.in_prose(text),
        dates.iso8601(text),
        texts.instant(text),
    ):
        assert at is None or at.tzinfo is UTC


@given(st.integers(86_400 * 366, 86_400 * 366 * 129), st.integers(-12 * 60, 14 * 60))
def test_an_instant_is_the_same_in_every_form(seconds: int, minutes: int) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    local = (at + timedelta(minutes=minutes)).replace(tzinfo=None)
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)

    assert dates.instant(f"{local.isoformat()}{sign}{hours:02}:{rest:02}") == at
    assert dates.instant(f"{local:%Y%m%dT%H%M%S}{sign}{hours:02}{rest:02}") == at
    assert dates.instant(f"{local:%a, %d %b %Y %H:%M:%S} {sign}{hours:02}{rest:02}") == at
    assert dates.instant(f"{local:%B %d, %Y %I:%M:%S %p} {sign}{hours:02}{rest:02}") == at
    assert dates.instant(f"{local:%a %b %d %Y %H:%M:%S} GMT{sign}{hours:02}{rest:02} (X)") == at
