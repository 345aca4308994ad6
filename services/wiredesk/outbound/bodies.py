"""Reading the bodies of answers, under a cap on their decoded bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import aiohttp

from wiredesk import urls
from wiredesk.errors import Malformed
from wiredesk.outbound.codings import left_packed, unpacked
from wiredesk.outbound.failure import FetchFailed
from wiredesk.redaction import shown

REST = timedelta(seconds=2)
"""For the body of an answer to a POST, which is read only so that the connection can serve again."""

_CHUNK_BYTES = 64 * 1024


async def whole(response: aiohttp.ClientResponse, *, url: str, max_bytes: int, cut: bool) -> tuple[bytes, bool]:
    """The body, and whether it was cut. Raises `FetchFailed` where it is too large and may not be `cut`."""
    body, is_cut = await _read(response, max_bytes)
    if is_cut and not cut:
        raise FetchFailed(
            f"{shown(url)}: body of more than {max_bytes} bytes", reason="too_large", host=urls.host_of(url)
        )
    codings = left_packed(response.headers.get("Content-Encoding", ""))
    if codings and body and not is_cut:
        try:
            body = unpacked(body, codings, max_bytes=max_bytes)
        except Malformed as error:
            raise FetchFailed(f"{shown(url)}: {error}", reason="bad_body", host=urls.host_of(url)) from error
    return body, is_cut


async def rest(response: aiohttp.ClientResponse, *, answered: Callable[[], None], max_bytes: int) -> tuple[bytes, bool]:
    """What comes of the body in time, once `answered` was called: no fault of it takes the status back."""
    answered()
    try:
        async with asyncio.timeout(REST.total_seconds()):
            return await _read(response, max_bytes)
    except (aiohttp.ClientError, OSError, ValueError):
        response.close()  # what is left of it must not be taken for the next answer
        return b"", True


async def _read(response: aiohttp.ClientResponse, max_bytes: int) -> tuple[bytes, bool]:
    """At most `max_bytes` of the decoded body, and whether there was more. The client inflates piece by piece."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        body += chunk
        if len(body) > max_bytes:
            response.close()
            return bytes(body[:max_bytes]), True
    return bytes(body), False
