"""The two ends of the way of a request: its connection is busy meanwhile, and its answer claims memory until it was taken."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Middleware

from wiredesk.roles.web.auth import is_open_to_all
from wiredesk.roles.web.budget import AGAIN_SECONDS, COPIES, READING_BYTES, ByteBudget
from wiredesk.roles.web.connections import Connections
from wiredesk.roles.web.health import HEALTH_PATHS
from wiredesk.roles.web.problems import Handler, answer

PATIENCE_SECONDS: Final = 10.0
"""How long a request waits for memory."""


def connection_kept(connections: Connections) -> Middleware:
    """The outermost middleware: while a request is answered its connection is cut for nobody; a spare one is for probes alone."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        with connections.answering(request) as connection:
            if connection is None or not connection.is_spare:
                return await handler(request)
            if request.path in HEALTH_PATHS:
                response = await handler(request)
            else:
                again = {"Retry-After": AGAIN_SECONDS}
                response = answer(HTTPStatus.SERVICE_UNAVAILABLE, "too many connections are open", headers=again)
            response.force_close()
            return response

    return middleware


def within_budget(budget: ByteBudget, *, streams: frozenset[str]) -> Middleware:
    """The innermost middleware: an answer is read and sent while memory for it is claimed; `streams` claim their own."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path in streams or is_open_to_all(request.path):
            return await handler(request)
        async with budget.claimed(READING_BYTES, patience=PATIENCE_SECONDS) as claim:
            response = await handler(request)
            if isinstance(response, web.Response):
                claim.shrink(COPIES * _size(response))
                await _send(request, response)
            return response

    return middleware


def _size(response: web.Response) -> int:
    return len(response.body) if isinstance(response.body, bytes) else 0


async def _send(request: web.Request, response: web.Response) -> None:
    """Write it all; who does not take it is cut by the limits of the connection, and so this ends."""
    try:
        await response.prepare(request)
        await response.write_eof()
    except ConnectionError:
        return  # the server finds out by itself
