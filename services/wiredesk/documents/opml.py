"""OPML: the lists of feeds that readers import and export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from wiredesk import urls
from wiredesk.documents import texts
from wiredesk.documents.unpack import as_utf8
from wiredesk.errors import Malformed

MAX_OUTLINES = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One feed of the list."""

    url: str
    title: str = ""
    home: str | None = None


def read(body: bytes) -> tuple[Outline, ...]:
    """Every feed in `body`, of any charset, folders flattened, each URL once. Raises `Malformed` where it is no OPML."""
    parser = etree.XMLParser(encoding="utf-8", recover=True, resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(as_utf8(body), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Malformed(f"no OPML: {error}") from error
    if root is None or not isinstance(root.tag, str) or root.tag.lower() != "opml":
        raise Malformed("no OPML: the first element is " + (str(root.tag)[:40] if root is not None else "missing"))
    found: dict[str, Outline] = {}
    for element in root.iter("outline"):
        attributes = {str(name).lower(): value for name, value in element.attrib.items()}
        url = texts.clean(attributes.get("xmlurl"), limit=urls.MAX_URL_CHARACTERS)
        if urls.is_http(url) and len(found) < MAX_OUTLINES:
            url = urls.subscribed(url)
            title = texts.plain(attributes.get("title") or attributes.get("text"))
            found.setdefault(url, Outline(url=url, title=title, home=texts.link(url, attributes.get("htmlurl"))))
    return tuple(found.values())


def write(outlines: Sequence[Outline], *, title: str) -> bytes:
    """OPML 2.0 with `outlines`, as every reader imports it."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = title
    body = etree.SubElement(root, "body")
    for outline in outlines:
        name = outline.title or outline.url
        attributes = {"type": "rss", "text": name, "title": name, "xmlUrl": outline.url}
        if outline.home:
            attributes["htmlUrl"] = outline.home
        etree.SubElement(body, "outline", attributes)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
