"""Authentication: anybody may read on loopback, elsewhere holders of the token and browsers that signed in with it."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Middleware

from wiredesk.roles.web import assets, html
from wiredesk.roles.web.pages import sign_in
from wiredesk.roles.web.problem import Problem
from wiredesk.roles.web.problems import Handler
from wiredesk.roles.web.session import COOKIE, LASTS, is_open, is_same, opened

SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"
OPEN_PATHS = frozenset({"/livez", "/readyz", "/metrics", SIGN_IN, SIGN_OUT})
FEEDS: Final = "/rules/"
BASIC: Final = {"WWW-Authenticate": 'Basic realm="wiredesk", charset="UTF-8", Bearer'}
BEARER: Final = {"WWW-Authenticate": "Bearer"}


def token_required(token: str) -> Middleware:
    """A middleware that wants `Authorization: Bearer TOKEN`, the token as Basic's password, or the cookie; an empty `token` lets everybody in.

    A person with a browser gets the form to sign in, with the same status.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not token or is_open_to_all(request.path) or _holds(request, token):
            return await handler(request)
        if html.is_wanted(request):
            return html.page(
                request, sign_in.page(back_to=request.path_qs), status=HTTPStatus.UNAUTHORIZED, headers=BEARER
            )
        raise Problem(
            HTTPStatus.UNAUTHORIZED,
            "expected Authorization: Bearer with the value of WIREDESK_TOKEN",
            headers=BEARER if _is_console(request) else BASIC,
        )

    return middleware


def add_signing_in(app: web.Application, token: str) -> None:
    """Serve the two forms that are not a GET. Neither does anything for a page of another site."""

    async def enter(request: web.Request) -> web.StreamResponse:
        _check_sender(request)
        credentials = await request.post()
        shown, back_to = str(credentials.get("token", "")).strip(), _inward(str(credentials.get("back_to", "")))
        if not is_same(shown, token):
            page = sign_in.page(back_to=back_to, was_wrong=True)
            return html.page(request, page, status=HTTPStatus.UNAUTHORIZED, headers=BEARER)
        response = web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": back_to})
        response.set_cookie(
            COOKIE,
            opened(token, now=datetime.now(UTC)),
            path="/",
            httponly=True,
            samesite="Strict",
            max_age=int(LASTS.total_seconds()),
            secure=_is_encrypted(request),
        )
        return response

    async def leave(request: web.Request) -> web.StreamResponse:
        _check_sender(request)
        response = web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": "/"})
        response.del_cookie(COOKIE, path="/", httponly=True, samesite="Strict")
        return response

    app.router.add_post(SIGN_IN, enter, name="console-enter")
    app.router.add_post(SIGN_OUT, leave, name="console-leave")


def _is_console(request: web.Request) -> bool:
    """Whether a script of the console asks: to Basic a browser would open a dialog of its own over the page."""
    return "Sec-Fetch-Mode" in request.headers and not request.path.startswith(FEEDS)


def is_open_to_all(path: str) -> bool:
    """Whether the request needs no token: health, metrics, the sign-in forms and assets."""
    return path in OPEN_PATHS or path.startswith(assets.PREFIX)


def _holds(request: web.Request, token: str) -> bool:
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        return is_same(_password_in(credentials), token)
    if scheme:
        return scheme.lower() == "bearer" and is_same(credentials.strip(), token)
    # The cookie is for reading alone: what changes something would want more than a browser's word.
    is_reading = request.method in ("GET", "HEAD")
    return is_reading and is_open(request.cookies.get(COOKIE, ""), token, now=datetime.now(UTC))


def _password_in(credentials: str) -> str:
    """The password of Basic credentials, empty where there is none: feed readers know no other way to send the token."""
    try:
        return base64.b64decode(credentials.strip(), validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def _check_sender(request: web.Request) -> None:
    """Refuse a form that another site has sent. Every browser of today says where it comes from; curl need not."""
    sender = request.headers.get("Sec-Fetch-Site", "none")
    if sender not in ("same-origin", "none"):
        raise Problem(HTTPStatus.FORBIDDEN, f"Sec-Fetch-Site {sender!r}: expected the form of this site")


def _inward(path: str) -> str:
    # `//host` and `/\host` are other sites to a browser, which also drops tabs and line ends on the way there.
    is_plain = path.isascii() and path.isprintable() and "\\" not in path
    return path if is_plain and path.startswith("/") and not path.startswith("//") else "/"


def _is_encrypted(request: web.Request) -> bool:
    # Who lies about it to us only makes the own cookie stricter.
    return request.secure or request.headers.get("X-Forwarded-Proto", "") == "https"
