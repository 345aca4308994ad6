"""Characters that nobody sees."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiredesk.documents import texts
from wiredesk.roles.dedupe.text import normal
from wiredesk.roles.geotag import folding
from wiredesk.roles.pages.extract.page import extract
from wiredesk.roles.pages.extract.tree import paragraphs_of_fragment
from wiredesk.text.invisible import visible

HIDDEN = "Ham\u00adburg, Mün\u200bchen, Ber\u2060lin, Kö\ufeffln, \u202bBre\u200emen\u202c, Auf\u200clage"
SEEN = "Hamburg, München, Berlin, Köln, Bremen, Auflage"


def test_words_are_whole() -> None:
    assert visible(HIDDEN) == SEEN


@pytest.mark.parametrize(
    "text",
    [
        "می\u200cروم",
        "نامه\u200cای",
        "क्\u200dष",
        "ශ්\u200dරී",
        "👩\u200d👩\u200d👧",
        "🏴\U000e0067\U000e0062\U000e007f",
        "❤\ufe0f",
        "ភាសា\u200bខ្មែរ",
        "ภาษา\u200bไทย",
        "plain",
    ],
)
def test_what_spells_words_and_parts_them_stays(text: str) -> None:
    assert visible(text) == text


def test_a_run_that_parts_words_is_one_that_parts_words() -> None:
    assert visible("ภาษา\u200b\u00ad\u200bไทย") == "ภาษา\u200bไทย"


@given(st.text(alphabet="aéกข\u00ad\u200b\u200c\u200d\u200e\u2060\ufeffم👩កж "))
def test_twice_is_once_and_letters_stay(text: str) -> None:
    once = visible(text)

    assert visible(once) == once
    assert [letter for letter in once if letter.isalpha()] == [letter for letter in text if letter.isalpha()]


@pytest.mark.parametrize("unit", ["\u200c", "\u200b", "a\u200c\u00ad\u200b", "\u0e01\u200b", "\u200c\u200b"])
def test_a_long_run_takes_no_longer_than_its_length(unit: str) -> None:
    started = time.process_time()

    visible(unit * 300_000)

    assert time.process_time() - started < 5  # by the square it were minutes


def test_titles_of_feeds_and_texts_of_fragments_are_whole() -> None:
    assert texts.plain(f"<b>{HIDDEN}</b>") == SEEN
    assert texts.plain("Ham&shy;burg") == "Hamburg"
    assert paragraphs_of_fragment("<p>Ham&shy;burg</p><p>Eis&#8203;brecher</p>") == "Hamburg\n\nEisbrecher"


def test_a_page_gives_whole_words() -> None:
    sentence = "Die Eis&shy;brecher liegen im Ham&shy;burger Hafen bereit und warten auf den Winter, sagte die Ver&shy;waltung. "
    page = extract(
        f"""<html><head><title>x</title><meta name="author" content="Ma&shy;ren T."><meta property="og:title"
        content="Ham&shy;burg: Eis&shy;brecher bereit"></head><body><article><h1>Ham&shy;burg: Eis&shy;brecher bereit</h1>
        {f"<p>{sentence * 3}</p>" * 4}</article></body></html>""".encode(),
        "https://a.example/1",
        None,
    )

    assert page.metadata.title == "Hamburg: Eisbrecher bereit"
    assert page.metadata.authors == ("Maren T.",)
    assert page.body is not None
    assert "\u00ad" not in page.body.text + page.body.markdown
    assert "Hamburger Hafen" in page.body.text


def test_a_word_with_a_soft_hyphen_is_one_to_geotag_and_to_dedupe() -> None:
    words = folding.words_of("In Ham\u00adburg, heute")

    assert [folding.fold(word) for word in words.texts] == ["in", "hamburg", "heute"]
    assert words.starts == [0, 3, 13]
    assert normal("Ham\u00adburg liegt", title="").tokens == ("hamburg", "liegt")
