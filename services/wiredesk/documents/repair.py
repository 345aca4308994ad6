"""Repairs feeds that no parser can read; tried only where the feed as it is gave nothing."""

from __future__ import annotations

import re

_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?(?:rss|rdf|feed|channel)[\s>]", re.IGNORECASE)
_DECLARATION = re.compile(rb"<\?xml\b[^<>]{0,500}>", re.IGNORECASE)
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_PREFIXED = re.compile(rb"<([A-Za-z_][\w.-]*):(?:rss|feed|channel)[\s>]", re.IGNORECASE)
_BARE_AMPERSAND = re.compile(rb"&(?!#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)")
_CDATA = b"<![CDATA["
_CLOSING = re.compile(rb"</[A-Za-z_]")


def repaired(body: bytes) -> bytes:
    """`body` without what is known to stop every XML parser, as UTF-8 where it was.

    In this order: junk before the document, XML declarations, control bytes, a prefix on every element
    (`rss:rss`, with which parsers find no item), CDATA sections that are never closed, bare ampersands.
    """
    body = _CONTROLS.sub(b"", _DECLARATION.sub(b"", body))
    root = _ROOT.search(body)
    body = body[root.start() :] if root else body
    return _escaped(_closed(_unprefixed(body)))


def _unprefixed(body: bytes) -> bytes:
    outer = _PREFIXED.search(body, 0, 10_000)
    if not outer:
        return body
    return re.sub(rb"(</?)" + re.escape(outer[1]) + rb":", rb"\1", body)


def _closed(body: bytes) -> bytes:
    """Every CDATA section closed at the latest before the next one begins, at the first closing tag in it."""
    first, *sections = body.split(_CDATA)
    closed = [first]
    for section in sections:
        closing = None if b"]]>" in section else _CLOSING.search(section)
        if closing:
            section = section[: closing.start()] + b"]]>" + section[closing.start() :]
        elif b"]]>" not in section:
            section += b"]]>"
        closed.append(section)
    return _CDATA.join(closed)


def _escaped(body: bytes) -> bytes:
    """Bare ampersands escaped, but within CDATA, where they are none."""
    first, *sections = body.split(_CDATA)
    pieces = [_BARE_AMPERSAND.sub(b"&amp;", first)]
    for section in sections:
        inside, end, outside = section.partition(b"]]>")
        pieces.append(inside + end + _BARE_AMPERSAND.sub(b"&amp;", outside))
    return _CDATA.join(pieces)
