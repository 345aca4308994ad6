"""Words for the people of a country or unit and what is theirs: `data/demonyms.tsv`, as no package has them under a free licence.

English words stand there in full, those of inflected languages as folded stems.
"""

# ruff: noqa: RUF001 - Arabic endings

from __future__ import annotations

from collections import defaultdict
from functools import cache
from importlib.resources import files

from wiredesk.roles.geotag.folding import fold

_ARABIC_BEGINNINGS = ("", "ال", "وال", "بال", "لل", "و")
_ARABIC_ENDINGS = ("", "ه", "ين", "ون", "ان", "ها", "يه", "ات")
_ARTICLE, _NISBA = "ال", "ي"
MAX_ENDING = 5
MIN_STEM = 4


def _read() -> dict[str, dict[str, str]]:
    by_language: dict[str, dict[str, str]] = defaultdict(dict)
    text = files("wiredesk.roles.geotag").joinpath("data/demonyms.tsv").read_text("utf-8")
    for line in text.splitlines():
        language, code, words = line.split("\t")
        by_language[language] |= {fold(word): code for word in words.split("|")}
    return dict(by_language)


_WORDS = _read()

ENGLISH = _WORDS["en"]
"""Folded English demonyms and adjectives, and the country or unit they speak of; none that names two."""


def named_by(word: str, language: str) -> str | None:
    """The country or unit whose people or things a folded word names; None where it names none."""
    if language == "en":
        return ENGLISH.get(word)
    if language in ("ar", "fa"):
        return _arabic().get(word)
    stems = _WORDS.get(language)
    if stems is None:
        return None
    if word in stems:
        return stems[word]
    shortest = max(MIN_STEM, len(word) - MAX_ENDING)
    return next((stems[word[:end]] for end in range(len(word) - 1, shortest - 1, -1) if word[:end] in stems), None)


@cache
def _arabic() -> dict[str, str]:
    """Arabic and Persian adjectives of origin, with article and endings, by their countries' names in CLDR."""
    from babel import Locale

    roots = dict(_WORDS["ar"])
    for language in ("ar", "fa"):
        for code, name in Locale.parse(language).territories.items():
            bare = fold(name).removeprefix(_ARTICLE)
            if len(code) == 2 and " " not in bare and len(bare) > 3:
                roots.setdefault(_root(bare) + _NISBA, code)
    return {
        beginning + root + ending: code
        for root, code in roots.items()
        for ending in _ARABIC_ENDINGS
        for beginning in _ARABIC_BEGINNINGS
    }


def _root(name: str) -> str:
    for ending in ("يا", "ا", "ه", "ي"):
        if name.endswith(ending) and len(name) - len(ending) >= 3:
            return name.removesuffix(ending)
    return name
