"""Full text that means the same on both databases: words are folded and split here, and matched there.

Words are folded for case and diacritics. Scripts written without blanks become overlapping pairs of characters,
in texts and queries alike, so that any piece of a run is found. What reaches the databases is letters and digits.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from sqlalchemy import ColumnElement, bindparam

from wiredesk.text.invisible import visible
from wiredesk.text.words import fold, marks

MAX_WORDS = 16_000
"""Later words of a text are not found: PostgreSQL counts positions up to 16,383."""

MAX_CHARACTERS = 120_000
"""Characters of a text that are indexed: a `tsvector` holds 1 MB, and a pair of characters takes up to 14 bytes."""

MAX_WORD = 64
"""Characters of a word that are compared."""

MAX_TERMS = 64
"""Terms of a query that are read."""

# Han, kana, Hangul, Thai, Lao, Tibetan, Myanmar, Khmer. Hangul has blanks, but its particles cling to the nouns.
_UNSPACED = (
    "\u0e00-\u0edf\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u1100-\u11ff\u3005-\u3007\u3040-\u30ff\u3130-\u318f"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
_UNSPACED_RUN = re.compile(f"([{_UNSPACED}]+)")
_ASCII_WORDS = re.compile("[a-z0-9]+")
Word: TypeAlias = str
_TERM = re.compile(r'(?P<no>-)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """Words that must stand side by side; of the last only the beginning where `is_open`."""

    words: tuple[Word, ...]
    is_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TextQuery:
    """A text query: the phrases that a text must hold, all of them, and those that it must not hold, any of them."""

    required: tuple[Phrase, ...] = ()
    excluded: tuple[Phrase, ...] = ()


def parse(query: str) -> TextQuery:
    """The query that a reader typed: words, "quoted phrases", and -what not; anything else is a blank."""
    required: list[Phrase] = []
    excluded: list[Phrase] = []
    for term in list(_TERM.finditer(query))[:MAX_TERMS]:
        phrase = _phrase(term["phrase"] if term["phrase"] is not None else term["word"])
        if phrase.words:
            (excluded if term["no"] else required).append(phrase)
    return TextQuery(required=tuple(required), excluded=tuple(excluded))


def index_form(content: str, *, dialect: str) -> str:
    """`content` as the column `words` takes it."""
    words = _indexed(content)
    return " ".join(words) if dialect == "sqlite" else _vector(words)


def searchable(content: str) -> str:
    """`content` as `contains` takes it."""
    return f" {' '.join(_indexed(content))} "


def contains(query: TextQuery, run: str) -> bool:
    """Whether `run`, a `searchable` text, matches `query`, as the database would decide."""
    if not query.required and not query.excluded:
        return False

    def has(phrase: Phrase) -> bool:
        return f" {' '.join(phrase.words)}{'' if phrase.is_open else ' '}" in run

    return all(map(has, query.required)) and not any(map(has, query.excluded))


def tsquery(query: TextQuery) -> ColumnElement[str]:
    """The right side of PostgreSQL's `@@`; for a query that has words."""
    from sqlalchemy.dialects.postgresql import TSQUERY

    terms = [_tsquery(phrase) for phrase in query.required] + [f"!{_tsquery(phrase)}" for phrase in query.excluded]
    return bindparam("words_query", " & ".join(terms), type_=TSQUERY, unique=True)


def fts5(query: TextQuery) -> str:
    """The expression of FTS5's MATCH. The query must require a phrase: FTS5 has no NOT without a left side."""
    required = " AND ".join(map(_fts5, query.required))
    return f"({required}) NOT ({fts5_any(query.excluded)})" if query.excluded else required


def fts5_any(phrases: Sequence[Phrase]) -> str:
    """The expression of FTS5's MATCH for any of `phrases`."""
    return " OR ".join(map(_fts5, phrases))


def words_of(content: str) -> list[Word]:
    """The words of `content` in order, folded; a run without blanks gives its pairs, then its last character."""
    folded = fold(visible(content))
    if folded.isascii():
        words = _ASCII_WORDS.findall(folded)
    else:
        words = _words().findall(folded.replace("_", " "))
        if _UNSPACED_RUN.search(folded):
            words = [piece for word in words for piece in _pieces(word)]
    return [word[:MAX_WORD] for word in words]


def _indexed(content: str) -> list[Word]:
    return words_of(content[:MAX_CHARACTERS])[:MAX_WORDS]


def _pieces(word: str) -> Iterator[Word]:
    for run in _UNSPACED_RUN.split(word):
        if run and _UNSPACED_RUN.match(run):
            yield from (run[start : start + 2] for start in range(len(run)))
        elif run:
            yield run


def _phrase(content: str) -> Phrase:
    words = tuple(words_of(content))
    if not words or not _UNSPACED_RUN.match(words[-1]):
        return Phrase(words=words)
    if len(words) > 1 and len(words[-2]) == 2 and _UNSPACED_RUN.match(words[-2]) and words[-2][1] == words[-1]:
        return Phrase(words=words[:-1])  # the run may go on in the text, so its last character need not stand alone
    return Phrase(words=words, is_open=True)  # a single character begins a pair, or ends a run and stands alone


def _vector(words: Sequence[Word]) -> str:
    places: dict[Word, list[str]] = defaultdict(list)
    for place, word in enumerate(words, start=1):
        places[word].append(str(place))
    return " ".join(f"'{word}':{','.join(at[:255])}" for word, at in places.items())


def _tsquery(phrase: Phrase) -> str:
    quoted = [f"'{word}'" for word in phrase.words]
    return f"({' <-> '.join(quoted)}{':*' if phrase.is_open else ''})"


def _fts5(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.words)}"{" *" if phrase.is_open else ""}'


@cache
def _words() -> re.Pattern[str]:
    return re.compile(f"[\\w{marks()}]+")
