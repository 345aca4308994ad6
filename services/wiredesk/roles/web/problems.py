"""Errors of the API as RFC 9457 `application/problem+json`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web

from wiredesk.errors import Unavailable
from wiredesk.observe import log

_log = log(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Problem(Exception):
    """What the caller did wrong, or what is not there; `detail` names the value and what was expected."""

    def __init__(self, status: HTTPStatus, detail: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers or {}


def answer(status: HTTPStatus, detail: str, *, headers: dict[str, str] | None = None) -> web.Response:
    """The response that tells of a problem."""
    return web.json_response(
        {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail},
        status=int(status), content_type="application/problem+json", headers=headers,
    )  # fmt: skip


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every error leaves as a problem, the router's own included."""
    try:
        return await handler(request)
    except Problem as problem:
        return answer(problem.status, problem.detail, headers=problem.headers)
    except Unavailable as error:
        _log.warning("web.unavailable", path=request.path, error=str(error))
        return answer(HTTPStatus.SERVICE_UNAVAILABLE, f"{error.dependency or 'a dependency'} is away: try again",
                      headers={"Retry-After": "5"})  # fmt: skip
    except web.HTTPException as error:
        if error.status < 400:
            raise
        headers = {name: value for name, value in error.headers.items() if name in ("Allow", "WWW-Authenticate")}
        return answer(HTTPStatus(error.status), f"{request.method} {request.path}: {error.reason}", headers=headers)
