"""Authentication: anybody may read on loopback, elsewhere holders of the token and browsers that signed in with it."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

from wiredesk.database.signed_out import SignedOut
from wiredesk.errors import Unavailable
from wiredesk.roles.web import assets, html
from wiredesk.roles.web.attempts import Attempts
from wiredesk.roles.web.away import away
from wiredesk.roles.web.health import HEALTH_PATHS
from wiredesk.roles.web.pages import sign_in
from wiredesk.roles.web.peers import Peers
from wiredesk.roles.web.problem import Problem
from wiredesk.roles.web.problems import Handler
from wiredesk.roles.web.refusals import Refusals
from wiredesk.roles.web.session import COOKIE, COOKIE_OF_HTTPS, LASTS, Session, is_same, opened, read

SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"
OPEN_PATHS = HEALTH_PATHS | {SIGN_IN, SIGN_OUT}
FEEDS: Final = "/rules/"
BASIC: Final = {"WWW-Authenticate": 'Basic realm="wiredesk", charset="UTF-8", Bearer'}
BEARER: Final = {"WWW-Authenticate": "Bearer"}
FORM: Final = "application/x-www-form-urlencoded"
MOST_FIELDS: Final = 10
BODY_LIMIT: Final = timedelta(seconds=10)
"""How long the body of a form may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who is let in, and what is remembered of those who are not; `key` signs cookies."""

    token: str
    key: bytes
    signed_out: SignedOut
    peers: Peers
    attempts: Attempts
    refusals: Refusals
    public_url: str = ""

    async def lets_in(self, request: web.Request) -> bool:
        """Whether the request shows the token, or a cookie whose session is open. Raises `Unavailable`."""
        credentials = request.headers.get("Authorization", "")
        if credentials:
            return await self.is_token(_token_in(credentials), request)
        # The cookie is for reading alone: what changes something would want more than a browser's word.
        session = self.session_of(request) if request.method in ("GET", "HEAD") else None
        return session is not None and not await self.signed_out.holds(session.id)

    async def is_token(self, shown: str, request: web.Request) -> bool:
        """Whether `shown` is the token; a peer that sent wrong ones waits for it, right or wrong."""
        peer = self.peers.of(request)
        await self.attempts.waited(peer)
        if is_same(shown, self.token):
            return True
        self.attempts.failed(peer)
        self.refusals.note("token", peer=peer)
        return False

    def session_of(self, request: web.Request) -> Session | None:
        """The session of the request's cookie, signed out or not; None where there is none that we made."""
        now = datetime.now(UTC)
        cookies = (request.cookies.get(name, "") for name in (COOKIE_OF_HTTPS, COOKIE))
        return next((session for value in cookies if value and (session := read(value, self.key, now=now))), None)

    def is_encrypted(self, request: web.Request) -> bool:
        """Whether the browser speaks TLS, so that the cookie keeps to it."""
        return self.public_url.startswith("https:") or self.peers.is_encrypted(request)

    def check_sender(self, request: web.Request) -> None:
        """Refuse a form that another site has sent: by Sec-Fetch-Site, or by Origin where a browser says no more.

        A browser leaves Sec-Fetch-Site out on plain HTTP; who sends neither is no browser.
        """
        sender, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
        if sender is not None and sender not in ("same-origin", "none"):
            name, value = "Sec-Fetch-Site", sender
        elif sender is None and origin is not None and not self._is_ours(origin, request):
            name, value = "Origin", origin
        else:
            return
        self.refusals.note("other site", peer=self.peers.of(request))
        raise Problem(HTTPStatus.FORBIDDEN, f"{name} {value[:80]!r}: expected the form of this site")

    def _is_ours(self, origin: str, request: web.Request) -> bool:
        sites = {request.headers.get("Host", ""), _authority(self.public_url)}
        return _authority(origin) in {site.lower() for site in sites if site}


def token_required(access: Access) -> Middleware:
    """A middleware that wants `Authorization: Bearer TOKEN`, the token as Basic's password, or the cookie; an empty token lets everybody in.

    A person with a browser gets the form to sign in, with the same status.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            is_let_in = not access.token or is_open_to_all(request.path) or await access.lets_in(request)
        except Unavailable as error:
            if not html.is_wanted(request):
                raise
            return away(request, error)
        if is_let_in:
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


def add_signing_in(app: web.Application, access: Access) -> None:
    """Serve the two forms that are not a GET. Neither does anything for a page of another site."""

    async def enter(request: web.Request) -> web.StreamResponse:
        access.check_sender(request)
        form = await _form(request)
        shown, back_to = form.get("token", "").strip(), _inward(form.get("back_to", ""))
        if not await access.is_token(shown, request):
            page = sign_in.page(back_to=back_to, was_wrong=True)
            return html.page(request, page, status=HTTPStatus.UNAUTHORIZED, headers=BEARER)
        response = web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": back_to})
        is_secure = access.is_encrypted(request)
        response.set_cookie(
            COOKIE_OF_HTTPS if is_secure else COOKIE,
            opened(access.key, now=datetime.now(UTC)),
            path="/",
            httponly=True,
            samesite="Strict",
            max_age=int(LASTS.total_seconds()),
            secure=is_secure,
        )
        return response

    async def leave(request: web.Request) -> web.StreamResponse:
        access.check_sender(request)
        session = access.session_of(request)
        if session is not None:
            await access.signed_out.add(session.id, ends=session.ends)
        response = web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": "/"})
        response.del_cookie(COOKIE, path="/", httponly=True, samesite="Strict")
        response.del_cookie(COOKIE_OF_HTTPS, path="/", httponly=True, samesite="Strict", secure=True)
        return response

    app.router.add_post(SIGN_IN, enter, name="console-enter")
    app.router.add_post(SIGN_OUT, leave, name="console-leave")


async def _form(request: web.Request) -> Mapping[str, str]:
    """The fields of a form. Raises `Problem` where the body is none, or does not come."""
    if request.content_type != FORM:
        raise Problem(HTTPStatus.BAD_REQUEST, f"Content-Type {request.content_type[:80]!r}: expected {FORM}")
    try:
        async with asyncio.timeout(BODY_LIMIT.total_seconds()):
            body = await request.read()
        # UTF-8, whatever the header says: the form's page is, so no browser sends another.
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except TimeoutError as error:
        raise Problem(HTTPStatus.REQUEST_TIMEOUT, f"expected the form within {BODY_LIMIT.seconds} seconds") from error
    except (ValueError, web.RequestPayloadError) as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"expected a form of at most {MOST_FIELDS} fields in UTF-8") from error


def _is_console(request: web.Request) -> bool:
    """Whether a script of the console asks: to Basic a browser would open a dialog of its own over the page."""
    return "Sec-Fetch-Mode" in request.headers and not request.path.startswith(FEEDS)


def is_open_to_all(path: str) -> bool:
    """Whether the request needs no token: health, metrics, the sign-in forms and assets."""
    return path in OPEN_PATHS or path.startswith(assets.PREFIX)


def _token_in(credentials: str) -> str:
    """The token in the header Authorization, empty where there is none."""
    scheme, _, rest = credentials.partition(" ")
    if scheme.lower() == "basic":
        return _password_in(rest)
    return rest.strip() if scheme.lower() == "bearer" else ""


def _password_in(credentials: str) -> str:
    """The password of Basic credentials, empty where there is none: feed readers know no other way to send the token."""
    try:
        return base64.b64decode(credentials.strip(), validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def _authority(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""


def _inward(path: str) -> str:
    # `//host` and `/\\host` are other sites to a browser, which also drops tabs and line ends on the way there.
    is_plain = path.isascii() and path.isprintable() and "\\" not in path
    return path if is_plain and path.startswith("/") and not path.startswith("//") else "/"
