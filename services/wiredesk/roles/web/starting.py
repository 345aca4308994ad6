"""Answers of a process that is still starting: 503, and when to ask again."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Final, TypeAlias

from aiohttp import web
from aiohttp.typedefs import Middleware

from wiredesk.roles.web import html
from wiredesk.roles.web.auth import is_open_to_all
from wiredesk.roles.web.pages import layout
from wiredesk.roles.web.problem import Problem
from wiredesk.roles.web.problems import Handler

WaitingFor: TypeAlias = Callable[[], str]
"""Names what a start waits for; empty once it is over."""

AGAIN_SECONDS: Final = "5"


def held_while_starting(waiting_for: WaitingFor) -> Middleware:
    """A middleware that answers 503 while there is something to wait for; health, metrics and assets are served."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        dependency = waiting_for()
        if not dependency or is_open_to_all(request.path):
            return await handler(request)
        retry = {"Retry-After": AGAIN_SECONDS}
        if not html.is_wanted(request):
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, f"starting: {dependency}", headers=retry)
        detail = f"It waits for the {dependency}. This page tries again by itself every {AGAIN_SECONDS} seconds."
        page = layout.message("wiredesk is starting", detail, again=str(request.rel_url))
        headers = {"Refresh": AGAIN_SECONDS, **retry}  # the first is for browsers
        return html.page(request, page, status=HTTPStatus.SERVICE_UNAVAILABLE, headers=headers)

    return middleware
