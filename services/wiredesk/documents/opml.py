"""OPML: the lists of feeds that readers import and export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from wiredesk import urls
from wiredesk.documents import texts
from wiredesk.documents.unpack import as_utf8
from wiredesk.errors import Malformed
from wiredesk.redaction import masked
from wiredesk.text.invisible import without_controls
from wiredesk.text.parsers import parsing, with_whole_references

MAX_OUTLINES = 200_000
ENTITY = b"<!ENTITY"
FEED_TYPES = frozenset({"rss", "atom"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One feed of the list; `login` is the `user:password` that stood in its URL."""

    url: str
    title: str = ""
    home: str | None = None
    login: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineList:
    """The feeds of a list, and what could not be one: the line and the reason."""

    outlines: tuple[Outline, ...]
    left_out: tuple[str, ...] = ()


def read(body: bytes) -> OutlineList:
    """Every feed in `body`, of any charset, folders flattened, each URL once. Raises `Malformed` where it is no OPML."""
    if ENTITY in body.upper():
        raise Malformed("no OPML: it defines entities of its own, which lists of feeds have no use for")
    parser = etree.XMLParser(encoding="utf-8", recover=True, resolve_entities=False, no_network=True, load_dtd=False)
    with parsing("no OPML"):
        root = etree.fromstring(with_whole_references(as_utf8(body)), parser)
    if root is None or not isinstance(root.tag, str) or root.tag.lower() != "opml":
        raise Malformed("no OPML: the first element is " + (str(root.tag)[:40] if root is not None else "missing"))
    outlines: dict[str, Outline] = {}
    left_out: list[str] = []
    for element in root.iter("outline"):
        attributes = {str(name).lower(): str(value) for name, value in element.attrib.items()}
        reason = _fault(attributes)
        if reason is None and len(outlines) >= MAX_OUTLINES:
            reason = f"beyond the first {MAX_OUTLINES} feeds"
        if reason:
            left_out.append(f"line {element.sourceline}: {reason}")
        elif reason is None:
            outline = _outline(attributes)
            if outlines.setdefault(outline.url, outline).login != outline.login:
                left_out.append(f"line {element.sourceline}: {masked(outline.url)} stands here for another user")
    return OutlineList(outlines=tuple(outlines.values()), left_out=tuple(left_out))


def _fault(attributes: Mapping[str, str]) -> str | None:
    """Why an outline is no feed; empty of a folder or a note, which does not say that it is one."""
    text = attributes.get("xmlurl", "").strip()
    if not text:
        is_feed = attributes.get("type", "").strip().lower() in FEED_TYPES
        return "no xmlUrl: expected an http(s) URL" if is_feed else ""
    url = texts.clean(text, limit=urls.MAX_URL_CHARACTERS)
    return None if urls.is_http(url) else f"xmlUrl={masked(text)[:200]!r}: expected an http(s) URL"


def _outline(attributes: Mapping[str, str]) -> Outline:
    given = texts.clean(attributes["xmlurl"], limit=urls.MAX_URL_CHARACTERS)
    url = urls.subscribed(given)
    title = texts.plain(attributes.get("title") or attributes.get("text"))
    return Outline(url=url, title=title, home=texts.link(url, attributes.get("htmlurl")), login=urls.login_of(given))


def write(outlines: Sequence[Outline], *, title: str) -> bytes:
    """OPML 2.0 with `outlines`, as every reader imports it."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = without_controls(title)
    body = etree.SubElement(root, "body")
    for outline in outlines:
        name = without_controls(outline.title) or outline.url
        attributes = {"type": "rss", "text": name, "title": name, "xmlUrl": outline.url}
        if outline.home:
            attributes["htmlUrl"] = outline.home
        etree.SubElement(body, "outline", attributes)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
