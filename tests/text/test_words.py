"""Rules and searches mean the same by a word."""

from __future__ import annotations

import pytest

from wiredesk.database import fulltext
from wiredesk.query.match import document, evaluate
from wiredesk.query.syntax import parse
from wiredesk.query.words import words_of
from wiredesk.text.words import fold


def found_by_rule(asked: str, text: str) -> bool:
    return evaluate(parse(asked), document(texts={"text": text}, facts={})) is not None


def found_by_search(asked: str, text: str) -> bool:
    return fulltext.contains(fulltext.parse(asked), fulltext.searchable(text))


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("Tromso", "Ferjen til Tromsø"),
        ("Tromsø", "The ferry to TROMSO"),
        ("Lodz", "Pociąg do Łodzi: Łódź czeka"),
        ("Đakovo", "Dakovo"),
        ("strasse", "Straße"),
        ("Aeroe", "Ærøe"),
        ("istanbul", "İstanbul ve Isparta"),
        ("cafe", "Cafe\u0301s Cafe\u0301"),
        ("etait", "e\u0301tait"),
        ("hamburg", "Ham\u00adburg"),
        ("Ham\u00adburg", "HAMBURG"),
        ("كتاب", "كِتَابٌ"),
        ("हिन्दी", "यह हिन्दी है"),
        ("ﬁne", "FINE"),
    ],
)
def test_a_rule_and_a_search_find_the_same_word(asked: str, text: str) -> None:
    assert found_by_rule(asked, text)
    assert found_by_search(asked, text)


@pytest.mark.parametrize(("asked", "text"), [("हिन्दी", "हन्द"), ("ham", "Ham\u00adburg"), ("burg", "Ham\u00adburg")])
def test_a_rule_and_a_search_find_no_other_word(asked: str, text: str) -> None:
    assert not found_by_rule(asked, text)
    assert not found_by_search(asked, text)


def test_a_word_keeps_its_place_in_the_text() -> None:
    text = "Im Ham\u00adburger e\u0301tat"

    assert [text[start:end] for start, end in words_of(text).places] == ["Im", "Ham\u00adburger", "e\u0301tat"]


def test_folding_is_what_stored_words_were_made_with() -> None:
    assert fold("Straße Łódź Ørsted ﬁne ２４ İzmir क़लम كِتَاب") == "strasse lodz orsted fine 24 izmir क़लम كتاب"
