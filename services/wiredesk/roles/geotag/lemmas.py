"""Nominatives that an inflected name may come from: what gazetteers list is not what stands in a sentence."""

# ruff: noqa: RUF001 - endings of many scripts

from __future__ import annotations

from collections.abc import Iterator

MIN_POPULATION = 15_000
"""Of a place that an inflected form may name: smaller ones are too often other words."""

_SLAVIC_ENDINGS = tuple(
    """
    иями ями ами ием ього ого ому ему ими ыми ои ею ою ием ей еи ом ем ым им ах ях ам ям ов ии ію ії іи ию ои ую
    ої ы и а я у ю е і о ь
""".split()
)
_SLAVIC_NOMINATIVES = ("", "а", "я", "ь", "ия", "ія", "о", "е", "ы", "и")
_ADJECTIVE_ENDINGS = ("скои", "ского", "ском", "скую", "ським", "ськіи", "ської", "ську", "ськоі", "цкои", "цькіи")
_LANDS = ("щина", "щини", "щину", "щині", "щине", "щины", "щиною", "щиной")
"""What belongs to a town, as Lvivshchyna: its oblast."""

_ARABIC_BEGINNINGS = ("وال", "بال", "فال", "كال", "لل", "ال", "و", "ب", "ل", "ف", "ك")
_ARTICLE = "ال"
_KOREAN_ENDINGS = tuple(
    """
    에서는 에서 으로 에게 까지 부터 의 은 는 이 가 을 를 에 로 와 과 도
""".split()
)
_POLISH = (
    ("ach", ""),
    ("iem", ""),
    ("owie", "ow"),
    ("ie", ""),
    ("ie", "a"),
    ("u", ""),
    ("a", ""),
    ("y", "a"),
    ("i", "a"),
    ("em", ""),
    ("ii", "ia"),
    ("ce", "ka"),
    ("ej", "a"),
    ("iu", ""),
    ("iu", "ie"),
    ("ia", ""),
    ("owa", "ow"),
    ("ach", "e"),
    ("ach", "y"),
    ("dzi", "dz"),
    ("a", "o"),
    ("owem", "ow"),
    ("e", "a"),
    ("ku", "k"),
)


def of(key: str, language: str) -> Iterator[str]:
    """Folded names to look up in place of a folded word that is none, the likeliest first."""
    if len(key) < (3 if language == "ko" else 4):
        return
    if language in ("ru", "uk"):
        yield from _slavic(key)
    elif language in ("ar", "fa"):
        yield from _arabic(key)
    elif language == "ko":
        yield from (key.removesuffix(ending) for ending in _KOREAN_ENDINGS if key.endswith(ending))
    elif language == "de":
        yield from (key.removesuffix(ending) for ending in ("s", "er", "ern") if key.endswith(ending))
    elif language == "pl":
        yield from (key.removesuffix(ending) + other for ending, other in _POLISH if key.endswith(ending))


def _slavic(key: str) -> Iterator[str]:
    words = key.split()
    if len(words) > 3:
        return
    *before, last = words
    heads = [" ".join(before)] if not before else [" ".join(before), *_adjectives(before)]
    for head in heads:
        for form in _nominatives(last):
            yield f"{head} {form}".strip()


def _adjectives(words: list[str]) -> Iterator[str]:
    # Nizhnem Novgorode, Novoi Zelandii: the adjective is inflected with its noun.
    for ending, nominatives in (
        ("ем", ("ии",)),
        ("ом", ("ыи", "ии", "ои")),
        ("ого", ("ыи", "ии")),
        ("ои", ("ая",)),
        ("ую", ("ая",)),
        ("ым", ("ыи",)),
        ("им", ("ии",)),
        ("іи", ("а",)),
        ("ої", ("а",)),
        ("ои", ("а",)),
        ("оі", ("а",)),
        ("ому", ("ии",)),
        ("их", ("ие", "і")),
        ("ых", ("ые",)),
    ):
        if words[-1].endswith(ending):
            for nominative in nominatives:
                yield " ".join([*words[:-1], words[-1].removesuffix(ending) + nominative])


def _nominatives(word: str) -> Iterator[str]:
    for ending in _ADJECTIVE_ENDINGS:
        if word.endswith(ending):
            stem = word[: len(word) - len(ending)]
            # The oblast goes by the adjective; a town's own name stands in it.
            yield from (stem + middle for middle in ("ская", "ська", "цкая", "цька"))
    for ending in _LANDS:
        if word.endswith(ending):
            yield from (word.removesuffix(ending) + adjective for adjective in ("ська", "ская"))
    for ending in _SLAVIC_ENDINGS:
        stem = word.removesuffix(ending)
        if word.endswith(ending) and len(stem) >= 3:
            yield from (stem + nominative for nominative in _SLAVIC_NOMINATIVES)
            if len(stem) > 3 and ending in ("і", "я", "ю", "е", "а", "у"):  # Vidni: Viden, Orle: Orel
                yield from (f"{stem[:-1]}{vowel}{stem[-1]}{soft}" for vowel in "ео" for soft in ("", "ь"))
            if stem.endswith(("ов", "ев")):  # Kharkova: Kharkiv
                yield f"{stem[:-2]}ів"
    yield from (word + nominative for nominative in ("а", "я", "ь"))


def _arabic(key: str) -> Iterator[str]:
    yield _ARTICLE + key
    for beginning in _ARABIC_BEGINNINGS:
        rest = key.removeprefix(beginning)
        if key.startswith(beginning) and len(rest) >= 3:
            yield rest
            if beginning != _ARTICLE:
                yield _ARTICLE + rest
