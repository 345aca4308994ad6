"""`X, Y` and `X in Y`: a place, and the larger one that it lies in."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from wiredesk.roles.geotag import exonyms
from wiredesk.roles.geotag.entities import COUNTRY, UNIT, Recognised
from wiredesk.roles.geotag.folding import FoldedWords, fold
from wiredesk.roles.geotag.gazetteer import Gazetteer
from wiredesk.roles.geotag.lexicon import INSIDE
from wiredesk.roles.geotag.mention import ABBREVIATION, NAME, OWN, Mention

_BETWEEN = re.compile(
    rf"(?:['\u2019]s)?\s*[,(\u060c]\s*|\s+(?:{INSIDE})\s+(?:the\s+)?(?:[a-z]+(?:ern|ral)\s+)?", re.UNICODE
)
_LONGEST_ABBREVIATION = 5
_STANDING = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(exonyms.STANDING)))})(?!\w)")


def contain(text: str, words: FoldedWords, mentions: Sequence[Mention], gazetteer: Gazetteer) -> list[Mention]:
    """The mentions and the abbreviations of states among them, in order; containers are told."""
    by_start = {mention.start: mention for mention in mentions}
    abbreviations = []
    for mention in mentions:
        if mention.kind not in (NAME, OWN):
            continue
        gap = _BETWEEN.match(text, mention.end)
        if gap is None:
            continue
        form = abbreviation_at(text, gap.end()) if "," in gap[0] or "(" in gap[0] else ""
        following = by_start.get(gap.end())
        if form:
            mention.container = exonyms.STATE_ABBREVIATIONS[form]
            if following is None or following.end <= gap.end() + len(form):
                by_start.pop(gap.end(), None)
                abbreviations.append(_abbreviated(form, gap.end(), words, gazetteer))
        elif following is not None and following.lookup is not None:
            _tell(mention, following)
    taken = {mention.start for mention in abbreviations}
    for match in _STANDING.finditer(text):
        if match.start() not in taken:
            by_start.pop(match.start(), None)
            abbreviations.append(_abbreviated(match[0], match.start(), words, gazetteer))
    kept = [mention for mention in mentions if by_start.get(mention.start) is mention]
    return sorted([*kept, *abbreviations], key=lambda mention: mention.start)


def _tell(mention: Mention, following: Mention) -> None:
    assert mention.lookup is not None
    assert following.lookup is not None
    inside = {named.entity.country for named in mention.lookup.candidates if named.entity.kind != COUNTRY}
    for named in following.lookup.candidates:
        entity = named.entity
        if entity.kind in (COUNTRY, UNIT) and entity.country in inside:
            code = entity.unit or entity.country
            if any(code in (other.entity.country, other.entity.unit) for other in mention.lookup.candidates):
                mention.container, following.is_contained = code, True
                return


def abbreviation_at(text: str, at: int) -> str:
    """The abbreviation of a state that stands there, or nothing."""
    for length in range(_LONGEST_ABBREVIATION, 1, -1):
        form = text[at : at + length].rstrip()
        if form in exonyms.STATE_ABBREVIATIONS and not text[at + len(form) : at + len(form) + 1].isalnum():
            return form
    return ""


def _abbreviated(form: str, start: int, words: FoldedWords, gazetteer: Gazetteer) -> Mention:
    first = min(bisect_left(words.starts, start), len(words) - 1)
    code = exonyms.STATE_ABBREVIATIONS[form]
    last = first
    while last + 1 < len(words) and words.starts[last + 1] < start + len(form):
        last += 1
    return Mention(
        first=first,
        last=last,
        start=start,
        end=start + len(form),
        text=form,
        key=fold(form),
        kind=ABBREVIATION,
        code=code,
        lookup=_unit(code, gazetteer),
        is_contained=True,
    )


def _unit(code: str, gazetteer: Gazetteer) -> Recognised | None:
    lookup = gazetteer.look_up(fold(exonyms.STATE_NAMES.get(code, "")))
    named = (
        [named for named in lookup.candidates if named.entity.unit == code and named.entity.kind == UNIT]
        if lookup
        else []
    )
    return Recognised(named) if named else None
