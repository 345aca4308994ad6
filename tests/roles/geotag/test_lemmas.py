"""Inflected names and languages."""

from __future__ import annotations

import pytest

from wiredesk.roles.geotag.demonyms import named_by
from wiredesk.roles.geotag.folding import fold, words_of
from wiredesk.roles.geotag.language import common_words, language_of
from wiredesk.roles.geotag.lemmas import of


@pytest.mark.parametrize(
    ("language", "word", "name"),
    [
        ("ru", "Москве", "Москва"),
        ("ru", "Астаны", "Астана"),
        ("ru", "Белгородской", "Белгородская"),
        ("ru", "Нижнем Новгороде", "Нижний Новгород"),
        ("uk", "Румунії", "Румунія"),
        ("uk", "Відні", "Відень"),
        ("uk", "Харкова", "Харків"),
        ("uk", "Львівщині", "Львівська"),
        ("ar", "وتركيا", "تركيا"),
        ("ar", "بالقاهرة", "القاهرة"),
        ("ko", "서울에서", "서울"),
        ("de", "Berliner", "Berlin"),
        ("pl", "Krakowie", "Krakow"),
    ],
)
def test_the_nominative_is_among_the_forms(language: str, word: str, name: str) -> None:
    assert fold(name) in set(of(fold(word), language))


def test_english_words_have_no_other_forms() -> None:
    assert not list(of("london", "en"))


@pytest.mark.parametrize(
    ("language", "word", "code"),
    [
        ("en", "Bavarian", "DE-BY"),
        ("en", "North Korean", "KP"),
        ("de", "polnischen", "PL"),
        ("fr", "libanaises", "LB"),
        ("es", "colombiano", "CO"),
        ("ru", "белорусские", "BY"),
        ("uk", "українського", "UA"),
        ("ar", "السوداني", "SD"),
        ("fa", "ایرانی", "IR"),
    ],
)
def test_an_adjective_names_its_country(language: str, word: str, code: str) -> None:
    assert named_by(fold(word), language) == code


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Fighters left Manbij in Syria"),
        ("en", "Manbij"),
        ("de", "Am See ist ein Boot gesunken und das Wetter war gut"),
        ("fr", "Les autorités ont rouvert l'aéroport"),
        ("tr", "Diyarbakır'da yangın"),
        ("uk", "Роман з Полтави переміг"),
        ("ru", "В Ереване прошли акции протеста"),
        ("fa", "زلزله در خوی آذربایجان غربی گزارش"),
        ("ar", "انفجار في عدن"),
        ("zh", "北京发生地震"),
        ("ja", "北京と東京で"),
        ("ko", "서울에서"),
        ("hi", "दिल्ली में"),
    ],
)
def test_a_short_text_tells_its_language(language: str, text: str) -> None:
    lower = {word.lower() for word in words_of(text).texts}

    assert language_of(text, lower) == language


def test_common_words_are_of_one_language_and_no_large_places() -> None:
    assert "bad" in common_words("de")
    assert "reading" not in common_words("de")
    assert not {"london", "syria", "الخرطوم"} & (common_words("en") | common_words("ar"))
