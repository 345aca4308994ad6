"""Tokens and folded names."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiredesk.roles.geotag.folding import fold, without_ending, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Al-Bab, Syria", ["Al", "Bab", "Syria"]),
        ("the U.S. said", ["the", "U.S.", "said"]),
        ("l'Italie", ["l", "Italie"]),
        ("dell\u2019Aquila", ["dell", "Aquila"]),
        ("O'Connor's", ["O'Connor's"]),
        ("Kilis'in", ["Kilis'in"]),
        ("नेपाल के", ["नेपाल", "के"]),
        ("قُتل ستة", ["قُتل", "ستة"]),
        ("在北京", ["在", "北", "京"]),
    ],
)
def test_words_stand_alone(text: str, words: list[str]) -> None:
    assert words_of(text).texts == words


@given(st.text())
def test_a_word_is_what_stands_between_its_offsets(text: str) -> None:
    found = words_of(text)

    assert found.texts == [text[start : found.end(at)] for at, start in enumerate(found.starts)]
    assert all(found.end(before) <= found.starts[after] for before, after in pairwise(range(len(found))))


@pytest.mark.parametrize(
    ("word", "bare"),
    [
        ("Syria's", "Syria"),
        ("Kilis'in", "Kilis"),
        ("Gaziantep\u2019teki", "Gaziantep"),
        ("O'Connor", "O'Connor"),
        ("Mare'", "Mare'"),
    ],
)
def test_an_ending_behind_an_apostrophe_is_no_part_of_a_name(word: str, bare: str) -> None:
    assert without_ending(word) == bare


@given(st.text())
def test_a_folded_name_stays_as_it_is(name: str) -> None:
    once = fold(name)

    assert fold(once) == fold(fold(once))
