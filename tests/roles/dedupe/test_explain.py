"""A verdict explained."""

from __future__ import annotations

import pytest

from tests.roles.dedupe.test_judge import FLOOD, SALE, article
from wiredesk.events import CollectedArticle
from wiredesk.roles.dedupe.explain import Comparison, Side, compare
from wiredesk.roles.dedupe.judge import ArticleSighting
from wiredesk.roles.dedupe.stage import sighting_of
from wiredesk.roles.dedupe.text import normal


def side(one: CollectedArticle) -> Side:
    sighting = sighting_of(one)
    assert isinstance(sighting, ArticleSighting)
    return Side(sighting=sighting, words=normal(one.text, title=one.title))


def compared(text: str, *, title: str = "Flood", minutes: int = 5, origin: str = "") -> Comparison:
    old = article("old", FLOOD, title="Flood")
    return compare(side(article("new", text, title=title, minutes=minutes, origin=origin)), side(old))


LONGER = f"{FLOOD} " + " ".join(
    f"Street by street the water went down on day {number}, said the warden of ward {number * 7}."
    for number in range(8)
)


@pytest.mark.parametrize(
    ("text", "title", "minutes", "kind", "reason"),
    [
        pytest.param(FLOOD.upper(), "Flood", 5, "duplicate", "equal but for case", id="the same text"),
        pytest.param(FLOOD + " He was there.", "Flood", 5, "duplicate", "nothing new", id="nearly the same"),
        pytest.param(SALE, "Sale", 5, "new", "it is another text", id="another text"),
        pytest.param(FLOOD, "CORRECTED: Flood", 5, "revision", "calls it a correction", id="a correction"),
        pytest.param(
            FLOOD.replace("1,200", "1,900"), "Flood", 5, "revision", "1 number stands in the place", id="figures"
        ),
        pytest.param(LONGER, "Flood", 5, "revision", "times as long", id="it grew"),
        pytest.param(FLOOD[:900] + " So it was.", "Flood", 9_000, "new", "more than three days later", id="late"),
        pytest.param("Rain fell.", "Flood", 5, "new", "2 words are too few", id="too short"),
    ],
)
def test_the_reason_says_why(text: str, title: str, minutes: int, kind: str, reason: str) -> None:
    found = compared(text, title=title, minutes=minutes)

    assert found.verdict.kind == kind
    assert reason in " · ".join(found.reasons)


def test_key_facts_that_differ_are_named() -> None:
    found = compared(FLOOD.replace("1,200", "1,900").replace("Harrow", "Barrow"))

    assert (found.numbers.only_new, found.numbers.only_old) == (("1900",), ("1200",))
    assert (found.names.only_new, found.names.only_old) == (("Barrow",), ("Harrow",))


def test_the_likeness_is_told_in_shares() -> None:
    found = compared(FLOOD[: len(FLOOD) // 2])

    assert found.likeness is not None
    assert found.likeness.new_covered > 0.9
    assert found.likeness.old_covered < 0.7


def test_the_verdict_is_the_judge_s_own() -> None:
    """So that it does not drift from what dedupe does."""
    found = compared(FLOOD + " He was there.")

    assert (found.verdict.how, found.verdict.of) == ("near copy", article("old", FLOOD).id)
    assert found.verdict.score is not None
    assert f"score {found.verdict.score:.2f}" in found.reasons[0]


def test_an_article_that_changed_is_a_revision_of_itself() -> None:
    old, new = article("a", FLOOD, title="Flood"), article("a", FLOOD, title="Flood ends")

    found = compare(side(new), side(old))

    assert (found.verdict.kind, found.reasons) == ("revision", ("it is the same article, and its title changed",))
