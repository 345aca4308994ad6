"""A page's bytes as a tree, bounded against hostile input, and text taken from it."""

from __future__ import annotations

import re

from lxml import html
from lxml.html import HtmlElement

from wiredesk.errors import Malformed
from wiredesk.text import charsets
from wiredesk.text.invisible import visible, without_controls
from wiredesk.text.parsers import parsing

MAX_TAG_BYTES = 64 * 1024
"""100,000 attributes on one tag take any parser 9 s and more: such a tag is cut (measured)."""

MAX_SCRIPT_BYTES = 1024 * 1024
"""A 6 MB JSON-LD block costs 900 MB of memory: such a block is emptied (measured)."""

BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "td",
        "th",
        "tr",
        "ul",
    ]
)
"""Elements that begin a new line of text."""

UNSEEN = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "svg",
        "iframe",
        "object",
        "textarea",
        "select",
        "button",
        "input",
        "form",
        "nav",
        "head",
        "title",
    ]
)
"""Elements whose text is not what a reader reads."""

_HUGE_TAG = re.compile(rb"<[a-zA-Z][^<>]{%d,}>" % MAX_TAG_BYTES)
_SCRIPT = re.compile(rb"(<script\b[^>]{0,4096}>)(.*?)(</script\s*>)", re.IGNORECASE | re.DOTALL)


def decoded(body: bytes, *, charset: str | None) -> str:
    """The page as text; `charset` is the one that its header names."""
    return charsets.decoded(body, labels=(charset, charsets.html_label(body), charsets.xml_label(body)))


def parse(body: bytes, *, charset: str | None = None) -> HtmlElement:
    """The page's tree. Raises `Malformed` where there is no element in it."""
    text = decoded(_bounded(body), charset=charset)
    text = without_controls(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    with parsing(f"no HTML in {len(body)} bytes"):
        tree = html.document_fromstring(text, parser=html.HTMLParser(huge_tree=True, remove_comments=True))
    return tree


def _bounded(body: bytes) -> bytes:
    cut = _HUGE_TAG.sub(lambda match: match[0][: match[0].find(b" ") if b" " in match[0][:100] else 100] + b">", body)
    if len(cut) <= MAX_SCRIPT_BYTES:
        return cut
    return _SCRIPT.sub(
        lambda match: match[1] + (match[2] if len(match[2]) <= MAX_SCRIPT_BYTES else b"") + match[3], cut
    )


def lines(element: HtmlElement, *, without: frozenset[HtmlElement] = frozenset()) -> list[str]:
    """The element's visible text, a line a block, white space folded; `without` these descendants."""
    pieces: list[str] = []
    # No recursion: pages nest thousands deep.
    stack: list[tuple[HtmlElement, bool]] = [(element, False)]
    while stack:
        node, is_closing = stack.pop()
        is_seen = isinstance(node.tag, str) and node not in without and (node is element or node.tag not in UNSEEN)
        if not is_closing:
            if is_seen:
                pieces.append("\n" if node.tag in BLOCKS else "")
                pieces.append(node.text or "")
            stack.append((node, True))
            if is_seen:
                stack.extend((child, False) for child in reversed(node))
            continue
        pieces.append("\n" if is_seen and node.tag in BLOCKS else "")
        if node is not element:
            pieces.append(node.tail or "")
    folded = (" ".join(line.split()) for line in visible("".join(pieces)).split("\n"))
    return [line for line in folded if line]


def text_of(element: HtmlElement, *, without: frozenset[HtmlElement] = frozenset()) -> str:
    """The element's visible text, lines apart by a line break."""
    return "\n".join(lines(element, without=without))


def paragraphs_of_fragment(markup: str) -> str:
    """Plain text of an HTML fragment or plain text, paragraphs apart by an empty line; empty where there is none."""
    if not markup.strip():
        return ""
    try:
        with parsing("no fragment of HTML"):
            element = html.fragment_fromstring(without_controls(markup), create_parent="div")
    except Malformed:
        return " ".join(visible(without_controls(markup)).split())
    return "\n\n".join(lines(element))
