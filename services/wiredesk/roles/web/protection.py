"""The security headers of every answer."""

from __future__ import annotations

from aiohttp import web

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


def protected(app: web.Application, *, is_private: bool) -> None:
    """Have every answer of `app` carry `HEADERS`; a handler's own go before.

    Where a token is needed nothing may be kept by a cache, else it may be if it asks again each time.
    """
    kept = "no-store" if is_private else "no-cache"

    async def add(_: web.Request, response: web.StreamResponse) -> None:
        for name, value in {**HEADERS, "Cache-Control": kept}.items():
            response.headers.setdefault(name, value)

    app.on_response_prepare.append(add)
