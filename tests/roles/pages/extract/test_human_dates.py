"""Dates as people read them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from wiredesk.roles.pages.extract import dates, human_dates


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8. Dezember 2010 um 10:56", datetime(2010, 12, 8, 10, 56, tzinfo=UTC)),
        ("Di, 21. April 2020 - 16:40", datetime(2020, 4, 21, 16, 40, tzinfo=UTC)),
        ("31.10.2023, 19.18 Uhr", datetime(2023, 10, 31, 19, 18, tzinfo=UTC)),
        ("26 abril 2022 a las 14:02", datetime(2022, 4, 26, 14, 2, tzinfo=UTC)),
        ("5 de enero de 2020", datetime(2020, 1, 5, tzinfo=UTC)),
        ("par JPA le 7 mai 2020 - 12:38.", datetime(2020, 5, 7, 12, 38, tzinfo=UTC)),
        ("1er mars 2020 à 10h30", datetime(2020, 3, 1, 10, 30, tzinfo=UTC)),
        ("12 января 2020, 10:20", datetime(2020, 1, 12, 10, 20, tzinfo=UTC)),
        ("於 2013/12/28 10:28", datetime(2013, 12, 28, 10, 28, tzinfo=UTC)),
        ("2013年12月8日 10:28", datetime(2013, 12, 8, 10, 28, tzinfo=UTC)),
        ("December 18, 2025, 9:46 pm", datetime(2025, 12, 18, 21, 46, tzinfo=UTC)),
        ("Sep 1st, 2018 at 12:05 am", datetime(2018, 9, 1, 0, 5, tzinfo=UTC)),
        ("12/28/2013", datetime(2013, 12, 28, tzinfo=UTC)),
        ("05/04/2013", datetime(2013, 4, 5, tzinfo=UTC)),
    ],
)
def test_a_date_in_words_or_digits_is_found(text: str, expected: datetime) -> None:
    assert human_dates.instant(text) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "May 2018", "31.02.2020", "in 20 years, 2018", "99 mars 2020"])
def test_what_names_no_day_of_a_year_is_no_date(text: str) -> None:
    assert human_dates.instant(text) is None


def test_what_stands_before_the_date_is_left_over() -> None:
    assert human_dates.before("Mirko Lange — 17.07, 2011 @ 13:04") == "Mirko Lange — "
    assert human_dates.before("Mirko Lange") == "Mirko Lange"


def test_a_date_of_dots_has_the_day_first() -> None:
    assert dates.instant("06.01.2020") == datetime(2020, 1, 6, tzinfo=UTC)
