"""Author, time and text of one marked-up comment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from lxml.html import HtmlElement

from wiredesk.roles.pages.extract.tree import text_of
from wiredesk.text import dates

MAX_AUTHOR_CHARACTERS = 80
MAX_DATE_LINE_CHARACTERS = 200
"""A longer part that speaks of a date holds other text as well, which may name another date."""

TEXT_PROPERTIES = frozenset({"text", "commentText", "reviewBody", "description"})
TEXT_WORDS = frozenset(
    """
        content text texte texto testo inhalt body message commenttext commentbody commentcontent copy txt
    """.split()
)
AUTHOR_WORDS = frozenset(
    """
        fn author autor autore auteur authorname commentauthor username nickname user benutzer usuario
        utente nutzer verfasser name creator
    """.split()
)
DATE_WORDS = frozenset(
    {"date", "datum", "fecha", "data", "time", "posted", "info", "meta", "metadata", "commentmetadata", "timestamp"}
)
META_WORDS = frozenset(
    """
        actions author avatar badge benutzer byline buttons comment-meta commentmetadata controls count date
        datetime datum edit flag footer gravatar hidden info like likes links meta metadata moderation
        permalink rating reply report says score screen share time timestamp toolbar tools user vote votes
        voting
    """.split()
)
"""Class words of the parts around a comment's text."""

_SAYS = re.compile(r"\s*\b(?:says|said|wrote|sagt|schrieb|schreibt|dice|dijo|dit|a écrit)\s*:?\s*$", re.IGNORECASE)
_BY = re.compile(
    r"^(?:(?:comment|posted|kommentar|geschrieben|publié|escrito)\s+)?(?:by|von|par|por)\s*:?\s+", re.IGNORECASE
)
_ON = re.compile(r"\s*(?:[|,—\u2013·@(-]|\b(?:on|at|um|am|le|el)\b)\s*$", re.IGNORECASE)
_CONTROL_LINE = re.compile(
    r"(?:(?:comment|kommentar) (?:by|von)|reply|log in to reply|report|share|edit|quote|permalink|like|liked by \d+ people|antworten|zitieren|melden|"
    r"répondre|responder|rispondi|says:?|said:?|#?\d{1,4}\.?|[|·,:-])",
    re.IGNORECASE,
)


def words_of(element: HtmlElement) -> frozenset[str]:
    """The words its classes are made of, in lower case: `commentAuthor-name` gives comment, author, name, and the whole."""
    words: set[str] = set()
    for name in (element.get("class") or "").split():
        spaced = re.sub(r"([a-z])([A-Z])", r"\1-\2", name).lower()
        words.update(re.split(r"[-_]+", spaced))
        words.add(name.lower())
    return frozenset(words)


def own_parts(record: HtmlElement, records: frozenset[HtmlElement]) -> Iterator[HtmlElement]:
    """Descendants of a record in document order, without those of records inside it (its replies)."""
    stack = [child for child in reversed(record) if child not in records]
    while stack:
        part = stack.pop()
        if isinstance(part.tag, str):
            yield part
            stack.extend(child for child in reversed(part) if child not in records)


def posted_at(record: HtmlElement, records: frozenset[HtmlElement]) -> datetime | None:
    """When it was posted: `time` elements, then microdata, then parts whose class speaks of a date."""
    parts = list(own_parts(record, records))
    for part in parts:
        if part.tag == "time" and (
            at := dates.published(part.get("datetime"))
            or dates.published(shown := part.text_content())
            or _written(shown)
        ):
            return at
    for part in parts:
        written = part.get("datetime") or part.get("content") or part.text_content()
        if re.search("date|time", part.get("itemprop") or "", re.IGNORECASE) and (at := dates.published(written)):
            return at
    for part in parts:
        if part.tag in ("abbr", "small") or words_of(part) & DATE_WORDS:
            for text in (part.get("title"), part.text_content()):
                if at := dates.published(text) or _written(text):
                    return at
    return None


def _written(text: str | None) -> datetime | None:
    return dates.in_prose(text) if text and len(text) <= MAX_DATE_LINE_CHARACTERS else None


def author(record: HtmlElement, records: frozenset[HtmlElement]) -> str:
    """Who posted it: microdata, then microformats, then parts whose class speaks of an author, then a heading."""
    parts = list(own_parts(record, records))
    for part in parts:
        if part.get("itemprop") in ("author", "creator"):
            named = part.xpath(".//*[@itemprop='name']")
            if name := _name(named[0] if named else part):
                return name
    for class_words in (frozenset({"fn"}), frozenset({"authorname", "commentauthor"}), AUTHOR_WORDS):
        for part in parts:
            words = words_of(part)
            if words & class_words and not words & {"avatar", "gravatar", "content", "text"} and (name := _name(part)):
                return name
    for tags in (("cite",), ("h3", "h4", "h5", "h6")):
        for part in parts:
            if part.tag in tags and (name := _name(part)):
                return name
    return ""


def _name(element: HtmlElement) -> str:
    around = {
        part
        for part in element.iterdescendants()
        if isinstance(part.tag, str)
        and (part.tag in ("time", "img") or words_of(part) & {"says", "date", "time", "avatar", "badge"})
    }
    text = element.get("content") if element.tag == "meta" else text_of(element, without=frozenset(around))
    line = _ON.sub("", dates.before((text or "").partition("\n")[0]))
    name = _BY.sub("", _SAYS.sub("", line)).strip(" :|,—-·")
    return name if 0 < len(name) <= MAX_AUTHOR_CHARACTERS else ""


def text(record: HtmlElement, records: frozenset[HtmlElement]) -> str:
    """The comment's own text, lines apart by a line break: its content part where one is marked, else all but the rest."""
    nested = {part for part in record.iterdescendants() if part in records}
    best: tuple[int, int, str] | None = None
    for part in own_parts(record, records):
        rank = _content_rank(part)
        if rank == 0:
            continue
        content = _tidy(text_of(part, without=frozenset(nested | _meta_parts(part, records))))
        if content and (best is None or (rank, len(content)) > best[:2]):
            best = (rank, len(content), content)
    if best:
        return best[2]
    return _tidy(text_of(record, without=frozenset(nested | _meta_parts(record, records))))


def _content_rank(part: HtmlElement) -> int:
    if part.get("itemprop") in TEXT_PROPERTIES:
        return 3
    words = words_of(part)
    if part.tag in ("a", "button", "label", "time", "img", "h1", "h2", "h3", "h4", "form") or words & {
        "wrapper",
        "form",
    }:
        return 0
    if words & {"author", "meta", "metadata", "header", "footer", "avatar", "reply", "date", "time", "actions"}:
        return 0
    return 2 if words & TEXT_WORDS else 0


def _meta_parts(element: HtmlElement, records: frozenset[HtmlElement]) -> set[HtmlElement]:
    return {
        part
        for part in own_parts(element, records)
        if part.tag in ("cite", "time")
        or (part.tag not in ("p", "blockquote") and words_of(part) & META_WORDS and not words_of(part) & TEXT_WORDS)
    }


def _tidy(text: str) -> str:
    lines = text.split("\n")
    while lines and _is_around(lines[-1].strip()):
        lines.pop()
    while lines and _is_around(lines[0].strip()):
        lines.pop(0)
    return "\n".join(lines).strip()


def _is_around(line: str) -> bool:
    return bool(_CONTROL_LINE.fullmatch(line) or (len(line) >= 8 and dates.published(line)))
