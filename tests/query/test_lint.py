"""What is said of a query before it runs."""

from __future__ import annotations

import pytest

from wiredesk.query.lint import lint


@pytest.mark.parametrize(
    "query", ["manbij", 'region:SY-HL AND (manbij OR "al bab") AND NOT kind:comment', "lang:(en OR fr) AND grid"]
)
def test_nothing_is_said_of_a_good_query(query: str) -> None:
    assert lint(query) == []


@pytest.mark.parametrize(
    ("query", "position", "told", "is_fault"),
    [
        ("a AND (b", 6, "never closed", True),
        ("NOT kind:comment", 0, "nothing but NOT", True),
        ("a OR NOT b", 0, "nothing but NOT", True),
        ("a AND lang:en AND lang:fr", 23, "lang is both en and fr", True),
        ("hosp*", 0, "tried on every item", False),
    ],
)
def test_what_is_wrong_is_said_with_its_position(query: str, position: int, told: str, is_fault: bool) -> None:
    (remark,) = lint(query)

    assert (remark.position, remark.is_fault) == (position, is_fault)
    assert told in remark.text
