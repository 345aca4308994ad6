"""HTML answers: with a Content-Security-Policy, and compressed on request."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from aiohttp import web

from wiredesk.roles.web.answers import PACKED_IN_THREAD, pack

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy: our own files and nothing else, so that markup which got through would still do nothing."""


def page(
    request: web.Request, html: str, *, status: HTTPStatus = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> web.Response:
    """The answer that shows `html`; never kept, as it tells what is so now."""
    response = web.Response(
        body=html.encode(),
        status=int(status),
        content_type="text/html",
        charset="utf-8",
        zlib_executor_size=PACKED_IN_THREAD,
        headers={
            "Content-Security-Policy": POLICY,
            "Cache-Control": "no-store",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Vary": "Accept-Encoding, Accept",
            **(headers or {}),
        },
    )
    pack(response, request, size=len(html))
    return response


def is_wanted(request: web.Request) -> bool:
    """Whether a browser asks for something to show, not a program for something to read."""
    return request.method in ("GET", "HEAD") and "text/html" in request.headers.get("Accept", "")
