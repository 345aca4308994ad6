"""Comments that carry no number: repeated elements whose class, or the place they stand in, speaks of comments."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence

from lxml.html import HtmlElement

from wiredesk.roles.pages.extract import comment_fields

ITEM_TAGS = ("div", "li", "article", "section", "dd", "blockquote")

SINGULAR = "comment|kommentar|comentario|commentaire|commento|komentar|leserbrief|leserpost|reactie|reaction"
PLURAL = "comments|kommentare|comentarios|commentaires|commenti|reacties|reactions"
"""Words in class names and ids, in the languages they are found in."""

_IN_PLURAL = re.compile(rf"(?:^|[-_\s])(?:{PLURAL})(?:[-_\s]|$)", re.IGNORECASE)
_SPEAKING = re.compile(rf"(?:^|[-_\s])(?:{SINGULAR}|{PLURAL})(?:[-_\s]|$)", re.IGNORECASE)

_MODIFIERS = re.compile(
    r"(?:has|no|with|show|hide)-.*|odd|even|alt|first|last|clearfix|clear|new|unread|published|by-?\w*|\w*-by-.*|\w*--\w+|.*\d.*|depth.*|level.*",
    re.IGNORECASE,
)
"""Classes that set one comment of a list apart from its neighbours."""

MIN_SIGNED = 0.6
"""Share of a group that must name an author or a time, and have text: parts of a comment do not, nor do other lists."""


def find(tree: HtmlElement, *, is_decoy: Callable[[HtmlElement], bool]) -> list[HtmlElement]:
    """The largest group that reads like comments, in document order; empty where none does.

    Of groups of one size the outer one is taken, as its members hold author and time as well as the text. A single
    element must have both.
    """
    groups: dict[tuple[str, frozenset[str]], list[HtmlElement]] = defaultdict(list)
    for element in tree.iter(*ITEM_TAGS):
        if (signature := _signature(element)) and not is_decoy(element):
            groups[element.tag, signature].append(element)
    best: list[HtmlElement] = []
    for group in groups.values():  # by first appearance: outer before inner
        if len(group) > len(best) and _reads_like_comments(group):
            best = group
    return best


def _signature(element: HtmlElement) -> frozenset[str]:
    """The classes that members of a group share; empty for what nothing connects with comments."""
    names = element.get("class") or ""
    if _SPEAKING.search(names):
        speaking = frozenset(name for name in _lasting(names) if _SPEAKING.search(name))
        if speaking:
            return speaking
    parent = element.getparent()
    return frozenset(_lasting(names) if parent is not None and _SPEAKING.search(parent.get("id") or "") else ())


def _lasting(names: str) -> list[str]:
    return [name for name in names.lower().split() if not _MODIFIERS.fullmatch(name)]


def _reads_like_comments(group: Sequence[HtmlElement]) -> bool:
    if len(group) == 1 and _IN_PLURAL.search(group[0].get("class") or ""):
        return False
    members = frozenset(group)
    signed = speaking = 0
    for element in group:
        author, posted_at = comment_fields.author(element, members), comment_fields.posted_at(element, members)
        signed += bool(author and posted_at) if len(group) == 1 else bool(author or posted_at)
        speaking += _has_text_of_its_own(element, members)
    return signed >= MIN_SIGNED * len(group) and speaking >= MIN_SIGNED * len(group)


def _has_text_of_its_own(element: HtmlElement, members: frozenset[HtmlElement]) -> bool:
    """Not so a teaser, whose text is a link to what it announces, and the article, under the page's title."""
    text = comment_fields.text(element, members)
    return (
        bool(text)
        and element.find(".//h1") is None
        and all(2 * len(link.text_content().strip()) < len(text) for link in element.iter("a"))
    )
