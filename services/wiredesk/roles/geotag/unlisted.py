"""Places that no gazetteer lists, by the words around them: `the villages of A, B and C`, `Neches River`, `Elm Street`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from wiredesk.roles.geotag.folding import FoldedWords, fold, without_ending
from wiredesk.roles.geotag.lexicon import DIRECTIONS, GIVEN, LOCATIVE, SETTLEMENTS, STREETS, TITLES, WATERS
from wiredesk.roles.geotag.mention import UNLISTED, Mention

_LIST = re.compile(r"\s*,\s*(?:and\s+)?|\s+(?:and|und|et|y|e)\s+")
_TRIGGERS = SETTLEMENTS | {word.capitalize() for word in SETTLEMENTS | STREETS | WATERS}
_MAX_WORDS = 3
_NEVER = frozenset(
    ["the", "a", "an", "this", "these", "his", "her", "its", "their", "our", "i", "he", "she", "we", "they", "it"]
)


def unlisted(text: str, words: FoldedWords, mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions and such places among them, in order; a street or river takes the town in its name with it."""
    triggers = [index for index, word in enumerate(words.texts) if word in _TRIGGERS]
    if not triggers:
        return list(mentions)
    covered = {index: mention for mention in mentions for index in range(mention.first, mention.last + 1)}
    fresh: list[Mention] = []
    for index in triggers:
        if words.texts[index].lower() in SETTLEMENTS:
            fresh += _after_noun(text, words, index + 1, covered)
        else:
            fresh += _named_by_last(text, words, index, covered)
    for mention in fresh:
        for index in range(mention.first, mention.last + 1):
            covered[index] = mention
    kept = {id(mention): mention for mention in covered.values()}
    return sorted(kept.values(), key=lambda mention: mention.start)


def _after_noun(text: str, words: FoldedWords, at: int, covered: dict[int, Mention]) -> list[Mention]:
    """`villages of A, B and C`: what is listed behind the noun."""
    if at < len(words) and words.texts[at] in ("of", "de", "di", "da", "du"):
        at += 1
    mentions = []
    while at < len(words):
        if at in covered:
            last = covered[at].last
        else:
            last = _end_of_name(text, words, at, covered)
            if last < at:
                break
            mentions.append(_mention(text, words, at, last))
        gap = text[words.end(last) : words.starts[last + 1]] if last + 1 < len(words) else ""
        joined = _LIST.fullmatch(text, words.end(last), words.starts[last + 1]) if gap else None
        if joined is None:
            # `A and B`: the conjunction is a word of its own.
            behind = last + 2
            is_list = behind < len(words) and _LIST.fullmatch(text, words.end(last), words.starts[behind]) is not None
            if not is_list:
                break
            at = behind
        else:
            at = last + 1
    return mentions


def _end_of_name(text: str, words: FoldedWords, at: int, covered: dict[int, Mention]) -> int:
    """The last word of the name that begins here; less than `at` where none does."""
    last = at - 1
    while last + 1 < len(words) and last + 1 - at < _MAX_WORDS and last + 1 not in covered:
        word = words.texts[last + 1]
        if not word[0].isupper() or word.lower() in _NEVER or word.lower() in TITLES or word.lower() in GIVEN:
            break
        if last >= at and text[words.end(last) : words.starts[last + 1]] not in (" ", "-"):
            break
        last += 1
    return last


def _named_by_last(text: str, words: FoldedWords, last: int, covered: dict[int, Mention]) -> list[Mention]:
    """`Elm Street`, `Neches River`: the capitalised words before the noun."""
    first = last
    while first and last - first < _MAX_WORDS and text[words.end(first - 1) : words.starts[first]] == " ":
        word = words.texts[first - 1]
        low = word.lower()
        is_name = word[0].isupper() or word.isdigit()
        if not is_name or low in _NEVER or low in LOCATIVE or low in TITLES:
            break
        first -= 1
    inner = {id(covered[index]): covered[index] for index in range(first, last + 1) if index in covered}.values()
    is_bare = all(word.lower() in DIRECTIONS for word in words.texts[first:last])
    if is_bare or any(mention.first < first or mention.last >= last for mention in inner):
        return []
    return [_mention(text, words, first, last)]


def _mention(text: str, words: FoldedWords, first: int, last: int) -> Mention:
    start, end = words.starts[first], words.starts[last] + len(without_ending(words.texts[last]))
    return Mention(
        first=first, last=last, start=start, end=end, text=text[start:end], key=fold(text[start:end]), kind=UNLISTED
    )
