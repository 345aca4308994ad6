"""Readers' comments of a page: JSON-LD, schema.org microdata, elements with numbered ids, then groups named as comments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml.html import HtmlElement

from wiredesk.roles.pages.extract import comment_fields, repeated_elements
from wiredesk.roles.pages.extract.structured import LinkedObject, text_in
from wiredesk.roles.pages.extract.tree import paragraphs_of_fragment
from wiredesk.text import dates
from wiredesk.text.invisible import visible

MAX_COMMENTS = 5_000

COMMENT_TYPES = frozenset({"Comment", "UserComments", "DiscussionForumPosting"})
_SCHEMA_COMMENT = re.compile(r"schema\.org/(?:UserComments|Comment)$")
_NUMBERED = re.compile(
    r"^(?:[a-z]{1,12}[-_])?(?:comment|comm|reply|dsq-comment|kommentar|comentario)[-_]?(?:id[-_]?)?(\d+)$",
    re.IGNORECASE,
)
_BLOGGER = re.compile(r"^c\d{8,}$")
_DECOYS = re.compile(
    r"(?:^|\s)(?:recent-?comments?\S*|latest-?comments?\S*|widget_recent\S*|comment-?form|comment-respond|respond|widget-area|"
    r"sidebar(?:-\w+)?)(?:\s|$)",
    re.IGNORECASE,
)
"""Classes and ids of what looks like comments and is none: widgets of other articles' comments, the form."""

_PLACES = re.compile(
    r"(?:^|\s)(?:comments|comment-?(?:list|section|area|form)|comments-?(?:area|section|list|wrapper)|post-comments|respond|kommentare)(?:\s|$)",
    re.IGNORECASE,
)
"""Classes and ids of where a page keeps its comments, empty or not."""

_NOT_ITEMS = frozenset(
    """
        a span input img label i html body head link meta cite time strong b em p ul ol textarea form
    """.split()
)
_DEPTH = re.compile(r"(?:^|\s)(?:depth|level|lvl)[-_]?(\d+)(?:\s|$)")
_PINGBACK = re.compile(r"(?:^|\s)(?:pingback|trackback)(?:\s|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundComment:
    """A comment in page order; `parent` is the index of the one it answers; `native_id` the platform's own number."""

    text: str
    author: str = ""
    posted_at: datetime | None = None
    parent: int | None = None
    native_id: str = ""
    platform: str = ""
    likes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentSection:
    """What was found, how, and the elements that hold it, so that the article is taken from what is left.

    `invites`: the page has a place for comments, though it may hold none yet.
    """

    comments: tuple[FoundComment, ...] = ()
    method: str = ""
    elements: tuple[HtmlElement, ...] = ()
    invites: bool = False


def find(tree: HtmlElement, objects: Sequence[LinkedObject]) -> CommentSection:
    """The comments of the page. The marked-up kind wins over the JSON-LD `objects` where that is clearly shorter."""
    linked = _from_json_ld(objects)
    invites = any("commentCount" in item.facts or "discussionUrl" in item.facts for item in objects) or _has_place(tree)
    by_schema = [e for e in tree.iter() if _SCHEMA_COMMENT.search(e.get("itemtype") or "") and not _is_decoy(e)]
    by_number = _numbered(tree)
    # Where both mark the same items, the numbers carry identity; microdata alone is as good for the rest.
    elements, method = (by_number, "ids") if len(by_number) >= len(by_schema) else (by_schema, "microdata")
    if not elements:
        elements, method = repeated_elements.find(tree, is_decoy=_is_decoy), "groups"
    marked = _from_elements(elements[:MAX_COMMENTS], method)
    if linked and len(linked) >= 0.7 * len(marked):
        marked, method = linked[:MAX_COMMENTS], "json-ld"
    return CommentSection(
        comments=tuple(marked), method=method if marked else "", elements=tuple(elements), invites=invites
    )


def _has_place(tree: HtmlElement) -> bool:
    """Whether an element is named as the place of comments, or a form sends one."""
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag in ("a", "span", "i", "body", "html"):
            continue  # a link to the comments, or their count, stands on lists of articles as well
        if _is_named(element, _PLACES):
            return True
        if element.tag == "form" and "comment" in (element.get("action") or "").lower():
            return True
    return False


def _numbered(tree: HtmlElement) -> list[HtmlElement]:
    """The outermost element of each comment number, in page order."""
    by_number: dict[str, HtmlElement] = {}
    for element in tree.iter():
        name = element.get("id") if isinstance(element.tag, str) else None
        if not name or element.tag in _NOT_ITEMS or name in by_number:
            continue
        number = _number_of(element, name)
        if number and number not in by_number and not _is_decoy(element):
            by_number[number] = element
    return list(by_number.values())


def _number_of(element: HtmlElement, name: str) -> str:
    if match := _NUMBERED.match(name):
        return match[1]
    return name[1:] if _BLOGGER.match(name) and "comment" in comment_fields.words_of(element) else ""


def _is_decoy(element: HtmlElement) -> bool:
    """Whether it stands in a decoy, or is one; a place for comments inside a sidebar is still one."""
    node = element
    while node is not None and node.tag not in ("body", "html"):
        if _is_named(node, _DECOYS):
            return True
        if node is not element and _is_named(node, _PLACES):
            return False
        node = node.getparent()
    return False


def _is_named(element: HtmlElement, names: re.Pattern[str]) -> bool:
    return bool(names.search(element.get("class") or "") or names.search(element.get("id") or ""))


def _from_elements(elements: Sequence[HtmlElement], method: str) -> list[FoundComment]:
    members = frozenset(elements)
    comments: list[FoundComment] = []
    index: dict[HtmlElement, int] = {}
    depths: list[int | None] = []
    for element in elements:
        author = comment_fields.author(element, members)
        text = comment_fields.text(element, members).removeprefix(f"{author}\n")
        if not text or _PINGBACK.search((element.get("class") or "").lower()):
            continue
        depth = _DEPTH.search(element.get("class") or "")
        level = int(depth[1]) if depth else None
        index[element] = len(comments)
        comments.append(
            FoundComment(
                text=text,
                author=author,
                posted_at=comment_fields.posted_at(element, members),
                parent=_parent(element, index, level, depths),
                native_id=_number_of(element, element.get("id") or ""),
                platform=_platform(element),
            )
        )
        depths.append(level)
    return comments


def _parent(
    element: HtmlElement, index: dict[HtmlElement, int], level: int | None, depths: Sequence[int | None]
) -> int | None:
    for above in element.iterancestors():
        if above in index:
            return index[above]
    if level is not None and level > 1:
        return next((i for i in range(len(depths) - 1, -1, -1) if depths[i] == level - 1), None)
    return None


def _platform(element: HtmlElement) -> str:
    name = (element.get("id") or "").lower()
    if name.startswith("dsq-"):
        return "disqus"
    if _BLOGGER.match(name):
        return "blogger"
    return "wordpress" if re.match(r"(?:li-|div-)?comment-\d+$", name) else ""


def _from_json_ld(objects: Sequence[LinkedObject]) -> list[FoundComment]:
    comments: list[FoundComment] = []
    index: dict[int, int] = {}
    for number, item in enumerate(objects):
        text = paragraphs_of_fragment(text_in(item.facts.get("text") or item.facts.get("commentText")))
        if not item.types & COMMENT_TYPES or not text:
            continue
        parent, above = None, item.parent
        while above is not None and parent is None:
            parent, above = index.get(above), objects[above].parent
        index[number] = len(comments)
        comments.append(
            FoundComment(
                text=text,
                author=visible(text_in(item.facts.get("author") or item.facts.get("creator")))[:200],
                posted_at=dates.published(text_in(item.facts.get("dateCreated") or item.facts.get("datePublished"))),
                parent=parent,
                native_id=_native_id(item.facts.get("@id") or item.facts.get("url") or item.facts.get("identifier")),
                likes=_count(item.facts.get("upvoteCount")),
            )
        )
    return comments


def _native_id(value: object) -> str:
    text = str(value) if isinstance(value, int) else text_in(value)
    match = re.search(r"(?:^|\D)(\d{1,20})\D*$", text)
    return match[1] if match and re.search(r"comment|^\d+$", text, re.IGNORECASE) else text[-200:]


def _count(value: object) -> int | None:
    try:
        return int(str(value))
    except ValueError:
        return None
