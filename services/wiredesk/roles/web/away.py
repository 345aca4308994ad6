"""What a browser is shown while a dependency is away."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from aiohttp import web

from wiredesk.errors import Unavailable
from wiredesk.observe import log
from wiredesk.roles.web import html
from wiredesk.roles.web.pages import layout

_log = log(__name__)

AGAIN_SECONDS: Final = 5
"""When a browser that met an absent database asks again."""


def away(request: web.Request, error: Unavailable) -> web.Response:
    """The page that says so, and tries again by itself."""
    _log.warning("web.unavailable", path=request.path, error=str(error))
    detail = (
        "Nothing is lost: what comes in meanwhile is shown when it is back. "
        f"This page tries again by itself every {AGAIN_SECONDS} seconds."
    )
    page = layout.message(f"The {error.dependency or 'dependency'} is away", detail, again=str(request.rel_url))
    headers = {"Refresh": f"{AGAIN_SECONDS}", "Retry-After": f"{AGAIN_SECONDS}"}  # the first is for browsers
    return html.page(request, page, status=HTTPStatus.SERVICE_UNAVAILABLE, headers=headers)
