"""Errors of the API as RFC 9457 `application/problem+json`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

import msgspec
from aiohttp import web
from msgspec import UNSET, UnsetType

from wiredesk.errors import Unavailable
from wiredesk.observe import log
from wiredesk.roles.web.problem import Problem

_log = log(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ProblemDetails(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong. `parameter`, `value` and `expected` come where a parameter or header is at fault."""

    type: str
    title: str
    status: int
    detail: str
    parameter: str | UnsetType = UNSET
    value: str | UnsetType = UNSET
    expected: str | UnsetType = UNSET


def answer(
    status: HTTPStatus,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    facts: Mapping[str, str] | None = None,
) -> web.Response:
    """The response that tells of a problem."""
    details = ProblemDetails(
        type="about:blank",
        title=status.phrase,
        status=int(status),
        detail=_sendable(detail),
        **{name: _sendable(value) for name, value in (facts or {}).items()},
    )
    return web.Response(
        body=msgspec.json.encode(details),
        status=int(status),
        content_type="application/problem+json",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every error leaves as a problem, the router's own included."""
    try:
        return await handler(request)
    except Problem as problem:
        return answer(problem.status, problem.detail, headers=problem.headers, facts=problem.facts)
    except Unavailable as error:
        _log.warning("web.unavailable", path=request.path, error=str(error))
        return answer(
            HTTPStatus.SERVICE_UNAVAILABLE,
            f"{error.dependency or 'a dependency'} is away: try again",
            headers={"Retry-After": "5"},
        )
    except web.HTTPException as error:
        if error.status < 400:
            raise
        headers = {name: value for name, value in error.headers.items() if name in ("Allow", "WWW-Authenticate")}
        return answer(HTTPStatus(error.status), f"{request.method} {request.path}: {error.reason}", headers=headers)


def _sendable(text: str) -> str:
    # Header bytes that are no UTF-8 arrive as lone surrogates, which JSON cannot carry.
    return text.encode("utf-8", "replace").decode()
