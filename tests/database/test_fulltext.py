from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiredesk.database.fulltext import MAX_WORDS, Phrase, index_form, parse, words_of
from wiredesk.text.words import fold

WORDS = {
    "Rain, rain; RAIN.": ["rain", "rain", "rain"],
    "snake_case and don't": ["snake", "case", "and", "don", "t"],
    "Straße Łódź Ørsted": ["strasse", "lodz", "orsted"],
    "ﬁne ２４": ["fine", "24"],
    "کتاب‌ها": ["کتاب", "ها"],
    "が か": ["が", "か"],
    "東京都 12月": ["東京", "京都", "都", "12", "月"],
    "हिन्दी": ["हिन्दी"],
    "Ham\u00adburg\u200b-Al\u200etona": ["hamburg", "altona"],
    "--- ... ": [],
}


@pytest.mark.parametrize("text", WORDS)
def test_words(text: str) -> None:
    assert words_of(text) == [fold(word) for word in WORDS[text]] == WORDS[text]


def test_a_query_is_words_phrases_and_what_not() -> None:
    query = parse('rain "heavy rain" -snow -"black ice" state-of-the-art 東京 雨 --')

    assert [phrase.words for phrase in query.required] == [
        ("rain",),
        ("heavy", "rain"),
        ("state", "of", "the", "art"),
        ("東京",),
        ("雨",),
    ]
    assert [phrase.words for phrase in query.excluded] == [("snow",), ("black", "ice")]
    assert query.required[-1] == Phrase(words=("雨",), is_open=True)


@given(st.text())
def test_words_are_letters_and_digits_that_no_database_takes_for_syntax(text: str) -> None:
    assert not any(character in "'\"\\:*&|!()<>- \n\0" for word in words_of(text) for character in word)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet="東京都大阪府雨"), st.data())
def test_every_piece_of_a_run_is_among_its_words(run: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(run)))
    end = data.draw(st.integers(start, len(run)))

    piece = " ".join(word for phrase in parse(run[start:end]).required for word in phrase.words)

    assert piece in index_form(run, dialect="sqlite")


def test_an_index_is_bounded_however_long_the_text() -> None:
    assert len(index_form("a " * 200_000, dialect="sqlite").split()) == MAX_WORDS
    assert len(index_form("".join(chr(0x4E00 + n % 20_000) for n in range(200_000)), dialect="postgresql")) < 1_000_000
