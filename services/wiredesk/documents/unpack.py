"""Decompresses and decodes the body of an answer, and tells its kind."""

from __future__ import annotations

import re
import zlib
from typing import Literal

from wiredesk.errors import Malformed
from wiredesk.text import charsets

MAX_UNPACKED_BYTES = 50 * 1024 * 1024
"""The largest sitemap that the protocol allows."""

Kind = Literal["json", "sitemap", "html", "xml"]

_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK_BYTES = 256 * 1024
_DECLARATION = re.compile(rb"^\s*<\?xml[^<>]{0,500}\?>")
_START = re.compile(rb"<([A-Za-z_][\w.:-]*)")
_SNIFFED_BYTES = 64 * 1024


def gunzipped(body: bytes) -> bytes:
    """`body`, unpacked where it is gzip in itself, as sitemaps are. Raises `Malformed` where it is broken or too large."""
    if not body.startswith(_GZIP_MAGIC):
        return body
    unpacked, pending = bytearray(), body
    try:
        # A file may have several members (RFC 1952, 2.2): some publishers append to theirs.
        while pending.startswith(_GZIP_MAGIC):
            pending = _member(pending, unpacked)
    except zlib.error as error:
        raise Malformed(f"broken gzip: {error}") from error
    return bytes(unpacked)


def _member(packed: bytes, unpacked: bytearray) -> bytes:
    """Add what the first member of `packed` holds to `unpacked`; what stands behind it. Raises `Malformed`."""
    unpacker = zlib.decompressobj(wbits=31)
    pending = packed
    while pending and not unpacker.eof:
        unpacked += unpacker.decompress(pending, _CHUNK_BYTES)
        if len(unpacked) > MAX_UNPACKED_BYTES:
            raise Malformed(f"gzip of {len(packed)} bytes unpacks to more than {MAX_UNPACKED_BYTES}")
        pending = unpacker.unconsumed_tail
    if not unpacker.eof:
        raise Malformed(f"gzip cut off after {len(packed)} bytes")
    return unpacker.unused_data


def as_utf8(body: bytes, *, content_type: str = "") -> bytes:
    """`body` in UTF-8, whatever charset it is in; `content_type` is what its header says.

    Where it is not ASCII anyway its XML declaration goes, which may name another charset. It is believed before the
    server's header, as who wrote it knew more, unless it cannot be true.
    """
    if body.isascii() and b"\x1b" not in body and b"\x00" not in body:
        return body
    labels = charsets.xml_label(body), charsets.header_label(content_type)
    return _DECLARATION.sub(b"", charsets.decoded(body, labels=labels).encode("utf-8"), count=1)


def kind_of(body: bytes) -> Kind:
    """What a body in UTF-8 looks like from its beginning."""
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
