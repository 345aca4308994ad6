"""Answers for programs: with an ETag, compressed on request, 304 to a client that has them already."""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec
from aiohttp import ETag, web

WORTH_PACKING: Final = 1_000
PACKED_IN_THREAD: Final = 32_000
"""Bytes from which gzip takes milliseconds, so the loop does not wait for it."""

_NO_WEIGHT = ("q=0", "q=0.0", "q=0.00", "q=0.000")


def json_answer(request: web.Request, value: object) -> web.Response:
    """`value` encoded as events are."""
    return answer(request, msgspec.json.encode(value), content_type="application/json")


def answer(request: web.Request, body: bytes, *, content_type: str) -> web.Response:
    """`body`, packed where that helps; for HEAD aiohttp leaves it out.

    The ETag is weak (RFC 9110, 8.8.3): the same body may come packed or not.
    """
    etag = ETag(value=hashlib.blake2b(body, digest_size=12).hexdigest(), is_weak=True)
    if any(known.value in ("*", etag.value) for known in request.if_none_match or ()):
        response = web.Response(status=304)
    else:
        response = web.Response(body=body, content_type=content_type, zlib_executor_size=PACKED_IN_THREAD)
        pack(response, request, size=len(body))
    response.etag = etag
    response.headers["Vary"] = "Accept-Encoding"
    return response


def pack(response: web.Response, request: web.Request, *, size: int) -> None:
    """Compress a body of `size` bytes where that helps and the client accepts it."""
    if size >= WORTH_PACKING and takes_gzip(request.headers.get("Accept-Encoding", "")):
        response.enable_compression(web.ContentCoding.gzip)


def takes_gzip(accepted: str) -> bool:
    """Whether the header `Accept-Encoding` names gzip with a weight above 0."""
    for coding in accepted.lower().split(","):
        name, _, weight = coding.partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in _NO_WEIGHT
    return False
