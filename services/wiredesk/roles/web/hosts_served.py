"""Which hosts this is: without a token the console is for this machine's browsers, under this machine's names alone.

A page of a stranger can give its own name our address (DNS rebinding), and then reads what the browser may read; the
header `Host` still says the stranger's name.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

from wiredesk.roles.web.peers import Peers
from wiredesk.roles.web.problem import MAX_SHOWN, Problem
from wiredesk.roles.web.problems import Handler
from wiredesk.roles.web.refusals import Refusals
from wiredesk.text.hosts import is_loopback

HOST = re.compile(r"(?P<name>[A-Za-z0-9._~!$&'()*+,;=%-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{0,5}))?")
"""RFC 3986, 3.2.2 and 3.2.3, without the newer kinds of literal address."""

ALWAYS = "/livez"
"""Tells nothing, whoever asks."""


def host_checked(*, public_url: str, is_private: bool, peers: Peers, refusals: Refusals) -> Middleware:
    """A middleware that refuses a malformed `Host`, and where nobody needs a token one that is not ours."""
    public = (urlsplit(public_url).hostname or "").rstrip(".")

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        name = _name(request)
        if not is_private and request.path != ALWAYS and not _is_ours(name, public):
            refusals.note("host", peer=peers.of(request))
            raise Problem(
                HTTPStatus.MISDIRECTED_REQUEST,
                f"Host {name[:MAX_SHOWN]!r}: expected localhost, a loopback address or the host of WIREDESK_PUBLIC_URL",
            )
        return await handler(request)

    return middleware


def _name(request: web.Request) -> str:
    """The host's name; empty where a client of HTTP/1.0 leaves it out. Raises `Problem`."""
    given = request.headers.getall("Host", [])
    if not given and request.version < (1, 1):
        return ""
    match = HOST.fullmatch(given[0]) if len(given) == 1 else None
    if match is None:
        shown = ", ".join(given)[:MAX_SHOWN]
        raise Problem(HTTPStatus.BAD_REQUEST, f"Host {shown!r}: expected one header, a host and perhaps a port")
    return match["name"].strip("[]").lower().rstrip(".")


def _is_ours(name: str, public: str) -> bool:
    return name in ("", public) or is_loopback(name)
