"""The article's own text, without boilerplate and comments."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass

from lxml.etree import _Element
from lxml.html import HtmlElement
from trafilatura import bare_extraction

from wiredesk.events.collecting import MAX_CHARACTERS
from wiredesk.roles.pages.extract.tree import text_of
from wiredesk.text.invisible import visible
from wiredesk.text.parsers import parsing

MAX_TEXT_CHARACTERS = MAX_CHARACTERS["text"]
"""Keeps a collected article below what the log takes, whatever the script; a longer text is marked truncated."""

ARTICLE_BODIES = frozenset(
    {"entry-content", "article-body", "article__body", "articlebody", "post-content", "story-body"}
)
"""Classes by which templates name the article's own text."""

LEAST_DECLARED, MOST_BEYOND = 200, 1.25
"""A shorter text so named may be a summary above a transcript; what goes far beyond a longer one is not the article."""

MOST_NAMED = 10
"""Elements so named, one within the other; more are a list of articles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Text with paragraphs apart by an empty line, the same as Markdown, and how far it can be trusted (0 to 1)."""

    text: str
    markdown: str
    method: str
    confidence: float
    truncated: bool = False


def extract(tree: HtmlElement, *, url: str, title: str = "") -> Body | None:
    """The article of the page, or None where it has none; `title`, which has a place of its own, is left out.

    `tree` is left as it is.
    """
    body = _body_of(tree, url=url, rescue=True)
    declared = _declared(tree)
    if body is not None and declared >= LEAST_DECLARED and _words_in(body) > MOST_BEYOND * declared:
        # The extractor's rescue takes twice as much text for better: here a run of unmarked comments below the article.
        strict = _body_of(tree, url=url, rescue=False)
        is_declared = strict is not None and declared / MOST_BEYOND <= _words_in(strict) <= declared * MOST_BEYOND
        body = strict if is_declared else body
    if body is None:
        return None
    blocks = list(_blocks(body))
    if len(blocks) > 1 and _words(blocks[0][0]) == _words(title):
        del blocks[0]
    text = "\n\n".join(plain for plain, _ in blocks)
    markdown = "\n\n".join(marked for _, marked in blocks)
    if not text:
        return None
    return bounded(text, markdown, method="trafilatura", confidence=_confidence(text))


def _body_of(tree: HtmlElement, *, url: str, rescue: bool) -> _Element | None:
    with parsing("no article"):
        extraction = bare_extraction(
            deepcopy(tree), url=url, include_comments=False, with_metadata=False, fast=not rescue
        )
    return None if extraction is None or isinstance(extraction, dict) else extraction.body


def _declared(tree: HtmlElement) -> int:
    """How many words the only element has that says of itself to be the article's text; 0 where none or several do."""
    named = [element for element in tree.iter() if isinstance(element.tag, str) and _is_article_body(element)]
    if not named or any(named[0] not in element.iterancestors() for element in named[1:MOST_NAMED]):
        return 0
    return len(text_of(named[0]).split()) if len(named) <= MOST_NAMED else 0


def _is_article_body(element: HtmlElement) -> bool:
    names = (element.get("class") or "").lower().split()
    return element.get("itemprop") == "articleBody" or not ARTICLE_BODIES.isdisjoint(names)


def _words_in(body: _Element) -> int:
    return len(" ".join(str(piece) for piece in body.itertext()).split())


def bounded(text: str, markdown: str, *, method: str, confidence: float) -> Body:
    """A body within what the log takes."""
    return Body(
        text=text[:MAX_TEXT_CHARACTERS],
        markdown=markdown[:MAX_TEXT_CHARACTERS],
        method=method,
        confidence=confidence,
        truncated=len(text) > MAX_TEXT_CHARACTERS,
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _confidence(text: str) -> float:
    # An article below some 80 words is as often a teaser or a notice; measured scores of the extractor are above 0.9.
    return 0.9 if len(text.split()) >= 80 else 0.5


def _blocks(body: _Element) -> list[tuple[str, str]]:
    """Plain text and Markdown of each block of the extractor's own XML: head, p, list, quote, code, table."""
    blocks: list[tuple[str, str]] = []
    for element in body:
        match element.tag:
            case "head":
                level = min(6, int(re.sub(r"\D", "", element.get("rend") or "") or 2))
                _add(blocks, _line(element), "#" * level + " ")
            case "list":
                for item in element.iter("item"):
                    _add(blocks, _line(item), "- ")
            case "quote":
                _add(blocks, _line(element), "> ")
            case "table":
                for row in element.iter("row"):
                    cells = [_line(cell) for cell in row.iter("cell")]
                    _add(blocks, " | ".join(cell for cell in cells if cell), "")
            case _:
                _add(blocks, _line(element), "")
    return blocks


def _add(blocks: list[tuple[str, str]], text: str, mark: str) -> None:
    if text:
        blocks.append((text, mark + text))


def _line(element: _Element) -> str:
    for break_ in element.iter("lb"):
        break_.tail = "\n" + (break_.tail or "")
    text = visible("".join(str(piece) for piece in element.itertext()))
    return "\n".join(line for line in (" ".join(line.split()) for line in text.split("\n")) if line)
