"""Places that no gazetteer lists."""

from __future__ import annotations

import pytest

from wiredesk.roles.geotag.folding import words_of
from wiredesk.roles.geotag.mention import Mention
from wiredesk.roles.geotag.unlisted import unlisted


def known(text: str, name: str) -> Mention:
    """A mention that the gazetteer has given."""
    words, start = words_of(text), text.index(name)
    first = words.starts.index(start)
    return Mention(
        text=name, key=name.lower(), first=first, last=first + name.count(" "), start=start, end=start + len(name)
    )


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("in the villages of Kafrkalbin, Kaljibreen and Sandaf.", ["Kafrkalbin", "Kaljibreen", "Sandaf"]),
        ("the town of Qatraneh in the south", ["Qatraneh"]),
        ("the village Tell Nsibin fell", ["Tell Nsibin"]),
        ("aus dem Dorf Oberkleinach", ["Oberkleinach"]),
        ("along the Neches River in spring", ["Neches River"]),
        ("a fire in Elm Street", ["Elm Street"]),
        ("at 851 Elm Street today", ["851 Elm Street"]),
    ],
)
def test_is_found_by_the_words_around_it(text: str, places: list[str]) -> None:
    assert [mention.text for mention in unlisted(text, words_of(text), [])] == places


@pytest.mark.parametrize(
    "text",
    [
        "in the village of the damned",
        "The Street was empty",
        "villages, towns and cities",
        "the town's Mayor spoke",
        "In North Street",
        "a town where John Smith lived",
    ],
)
def test_is_not_found_in(text: str) -> None:
    assert unlisted(text, words_of(text), []) == []


def test_a_list_goes_on_behind_a_name_that_is_known() -> None:
    text = "the villages of Azaz and Kaljibreen"

    assert [mention.text for mention in unlisted(text, words_of(text), [known(text, "Azaz")])] == ["Azaz", "Kaljibreen"]


def test_a_street_named_like_a_town_is_not_the_town() -> None:
    text = "parked in Paris Street again"

    assert [mention.text for mention in unlisted(text, words_of(text), [known(text, "Paris")])] == ["Paris Street"]
