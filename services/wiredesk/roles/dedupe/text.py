"""Text as dedupe compares it: without agency prefix and credit, as tokens, numbers and names."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from wiredesk.text.invisible import visible

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\u0e00-\u0e7f"
_TOKEN = re.compile(rf"\d+(?:[.,]\d+)*|[{_CJK}]|[^\W\d_{_CJK}]+(?:'[^\W\d_]+)?")
_NAME = re.compile(r"(?<![.!?:]\s)(?<!^)\b[A-Z][A-Za-z]{2,}", re.MULTILINE)
# CITY, Country, Nov 24 (Agency) — : place and date are optional, the agency in parentheses and the dash are not.
_AGENCY = re.compile(
    r"^\s*(?:[A-Z][A-Za-z.,'/ -]{1,40}?,?\s*)?(?:[A-Z][a-z]{2,8}\.?\s+\d{1,2}\s*)?"
    r"\([A-Z][A-Za-z ]{1,20}\)\s*(?:-|\u2013|\u2014)+\s*"
)
_CREDIT = re.compile(
    r"^\s*\(?(?:reporting|editing|writing|additional reporting|photo|image|copyright|\u00a9)\b[^\n]{0,200}$",
    re.IGNORECASE | re.MULTILINE,
)
_CORRECTION = re.compile(
    r"\b(?:CORRECT(?:ED|ION|S)?|REFILE|CLARIFICATION|KORREKTUR|BERICHTIGUNG|RECTIFICATIF|CORRECCI[O\u00d3]N)\b"
    r"|^\W*(?:Correct(?:ed|ion)|Refile|Clarification|Berichtigung|Korrektur|Rectificatif|Correcci\u00f3n)\b"
    r"|^\W*UPDATE \d"
)
_NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], 1
    )
}
_MONTHS = frozenset(
    """
        january february march april may june july august september october november december jan feb mar
        apr jun jul aug sept sep oct nov dec
    """.split()
)
_TITLE_STOPS = frozenset(
    """
        the and for from with says said sets set net its after over into will new has have are was
    """.split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Normal:
    """A text's tokens in order, the numbers and capitalised names in it, and what its title says."""

    tokens: tuple[str, ...]
    numbers: frozenset[str]
    names: frozenset[str]
    title: frozenset[str]
    is_correction: bool


def normal(text: str, *, title: str) -> Normal:
    """The comparable form of an article."""
    cleaned = _cleaned(text)
    tokens = tuple(_TOKEN.findall(cleaned.casefold()))
    return Normal(
        tokens=tokens,
        numbers=frozenset(number for token in set(tokens) if (number := _number(token))),
        names=frozenset(_NAME.findall(cleaned)),
        title=frozenset(
            word for word in _TOKEN.findall(_cleaned(title).casefold()) if len(word) > 2 and word not in _TITLE_STOPS
        ),
        is_correction=bool(_CORRECTION.search(title)),
    )


def _cleaned(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", visible(text)).replace("\u2019", "'").replace("\u2018", "'")
    return _CREDIT.sub("", _AGENCY.sub("", text, count=1))


def _number(token: str) -> str:
    """A number however it is written: 1,200 and 1200, two and 2, 5.0 and 5; months count as such."""
    if token[0].isdigit():
        value = token.replace(",", "")
        return value.rstrip("0").rstrip(".") or "0" if "." in value else value
    if token in _MONTHS:
        return token
    return _NUMBER_WORDS.get(token, "")
