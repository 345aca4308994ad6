"""Content codings that the HTTP client leaves packed: `x-gzip`, and several one upon the other (RFC 9110, 8.4)."""

from __future__ import annotations

import zlib

from wiredesk.errors import Malformed

_ZLIB_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_IDENTITY = "identity"
_BY_THE_CLIENT = frozenset({"gzip", "deflate", "br", "zstd"})

MAX_CODINGS = 3


def left_packed(content_encoding: str) -> tuple[str, ...]:
    """The codings of a body that the client did not take off, in the order in which they were put on."""
    codings = tuple(coding for coding in map(str.strip, content_encoding.lower().split(",")) if coding)
    if len(codings) == 1 and codings[0] in _BY_THE_CLIENT:
        return ()
    return tuple(coding for coding in codings if coding != _IDENTITY)


def unpacked(body: bytes, codings: tuple[str, ...], *, max_bytes: int) -> bytes:
    """`body` without its `codings`. Raises `Malformed` where one is unknown, broken, or makes more than `max_bytes`."""
    if len(codings) > MAX_CODINGS:
        raise Malformed(f"{len(codings)} content codings, expected at most {MAX_CODINGS}")
    for coding in reversed(codings):
        if coding not in _ZLIB_BITS:
            raise Malformed(f"content coding {coding[:40]!r}, expected gzip or deflate")
        body = _inflated(body, coding, max_bytes)
    return body


def _inflated(body: bytes, coding: str, max_bytes: int) -> bytes:
    unpacker = zlib.decompressobj(wbits=_ZLIB_BITS[coding])
    try:
        inflated = unpacker.decompress(body, max_bytes + 1)
    except zlib.error as error:
        raise Malformed(f"broken {coding}: {error}") from error
    if len(inflated) > max_bytes:
        raise Malformed(f"{coding} of {len(body)} bytes unpacks to more than {max_bytes}")
    return inflated
