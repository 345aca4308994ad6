"""Who may read the API: anybody on loopback, else who holds the token."""

from __future__ import annotations

import hmac
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Middleware

from wiredesk.roles.web.problems import Handler, Problem

OPEN_PATHS = frozenset({"/livez", "/readyz", "/metrics"})


def token_required(token: str) -> Middleware:
    """A middleware that wants `Authorization: Bearer TOKEN`; an empty `token` lets everybody in."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if token and request.path not in OPEN_PATHS and not _holds(request, token):
            raise Problem(
                HTTPStatus.UNAUTHORIZED, "expected Authorization: Bearer with the value of WIREDESK_TOKEN",
                headers={"WWW-Authenticate": "Bearer"},
            )  # fmt: skip
        return await handler(request)

    return middleware


def _holds(request: web.Request, token: str) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(
        given.strip().encode("utf-8", "surrogateescape"), token.encode()
    )
