"""The article's own text, without boilerplate and comments."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass

from lxml.etree import _Element
from lxml.html import HtmlElement
from trafilatura import bare_extraction

MAX_TEXT_CHARACTERS = 200_000
"""Keeps a collected article below what the log takes, whatever the script; a longer text is marked truncated."""


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
    found = bare_extraction(deepcopy(tree), url=url, include_comments=False, with_metadata=False)
    if found is None or isinstance(found, dict) or found.body is None:
        return None
    blocks = list(_blocks(found.body))
    if len(blocks) > 1 and _words(blocks[0][0]) == _words(title):
        del blocks[0]
    text = "\n\n".join(plain for plain, _ in blocks)
    markdown = "\n\n".join(marked for _, marked in blocks)
    if not text:
        return None
    return bounded(text, markdown, method="trafilatura", confidence=_confidence(text))


def bounded(text: str, markdown: str, *, method: str, confidence: float) -> Body:
    """A body within what the log takes."""
    return Body(
        text=text[:MAX_TEXT_CHARACTERS], markdown=markdown[:MAX_TEXT_CHARACTERS], method=method, confidence=confidence,
        truncated=len(text) > MAX_TEXT_CHARACTERS,
    )  # fmt: skip


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
    text = "".join(str(piece) for piece in element.itertext())
    return "\n".join(line for line in (" ".join(line.split()) for line in text.split("\n")) if line)
