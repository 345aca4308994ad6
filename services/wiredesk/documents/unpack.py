"""From the bytes of an answer to the text of a document and what kind it is."""

from __future__ import annotations

import codecs
import re
import zlib
from typing import Literal

from wiredesk.errors import Malformed

MAX_UNPACKED_BYTES = 50 * 1024 * 1024
"""The largest sitemap that the protocol allows."""

Kind = Literal["json", "sitemap", "html", "xml"]

_CHUNK_BYTES = 256 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00?\x00", "utf-16-le"),
    (b"\x00<\x00?", "utf-16-be"),
    (b"{\x00", "utf-16-le"),
    (b"\x00{", "utf-16-be"),
)
_DECLARATION = re.compile(rb"^\s*<\?xml[^<>]{0,500}\?>")
_START = re.compile(rb"<([A-Za-z_][\w.:-]*)")
_SNIFFED_BYTES = 64 * 1024


def gunzipped(body: bytes) -> bytes:
    """`body`, unpacked where it is gzip in itself, as sitemaps are. Raises `Malformed` where it is broken or too large."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacker = zlib.decompressobj(wbits=31)
    unpacked = bytearray()
    try:
        pending = body
        while pending and not unpacker.eof:
            unpacked += unpacker.decompress(pending, _CHUNK_BYTES)
            if len(unpacked) > MAX_UNPACKED_BYTES:
                raise Malformed(f"gzip of {len(body)} bytes unpacks to more than {MAX_UNPACKED_BYTES}")
            pending = unpacker.unconsumed_tail
    except zlib.error as error:
        raise Malformed(f"broken gzip: {error}") from error
    if not unpacker.eof:
        raise Malformed(f"gzip cut off after {len(body)} bytes")
    return bytes(unpacked)


def as_utf8(body: bytes) -> tuple[bytes, bool]:
    """`body` in UTF-8 and True, as far as that is certain; else as it is and False: then declarations decide.

    Valid UTF-8 that is not ASCII goes before any declaration: hardly any other text is that by accident, and
    servers and templates lie.
    """
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            text = body.decode(encoding, "replace").removeprefix("\ufeff")
            return _undeclared(text.encode("utf-8", "replace")), True
    if body.isascii():
        return body, False
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return body, False
    return _undeclared(body), True


def _undeclared(body: bytes) -> bytes:
    return _DECLARATION.sub(b"", body, count=1)


def kind_of(body: bytes) -> Kind:
    """What a body of an ASCII-compatible encoding looks like from its beginning."""
    if body.lstrip()[:1] in (b"{", b"["):
        return "json"
    name = root_of(body).rpartition(":")[2].lower()
    if name in ("urlset", "sitemapindex"):
        return "sitemap"
    return "html" if name == "html" or _says_html(body) else "xml"


def root_of(body: bytes) -> str:
    """The name of the first element, prefix included; empty where there is none in the first 64 KB."""
    position = body.find(b"<", 0, _SNIFFED_BYTES)
    while position >= 0:
        start = _START.match(body, position)
        if start:
            return start[1].decode("ascii", "replace")
        position = body.find(b"<", max(position + 1, _end_of_markup(body, position)), _SNIFFED_BYTES)
    return ""


def _end_of_markup(body: bytes, position: int) -> int:
    """Where the comment, instruction or declaration at `position` ends; -1 where it does not."""
    if body.startswith(b"<!--", position):
        return body.find(b"-->", position + 4, _SNIFFED_BYTES)
    if body.startswith(b"<?", position):
        return body.find(b">", position, _SNIFFED_BYTES)
    if not body.startswith(b"<!", position):
        return -1
    subset = body.find(b"[", position, _SNIFFED_BYTES)
    end = body.find(b">", position, _SNIFFED_BYTES)
    return body.find(b"]", subset, _SNIFFED_BYTES) if 0 <= subset < end else end


def _says_html(body: bytes) -> bool:
    return body[:1024].lstrip()[:14].lower().startswith(b"<!doctype html")
