"""A real local web site with switches, for every test that fetches something."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import brotli  # type: ignore[import-untyped]
from aiohttp import web

PATIENCE = 120.0
"""Seconds that a test waits for a request before it fails."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a path answers with. Text is sent as UTF-8, or in the `charset` that is then declared."""

    body: bytes | str = b""
    status: int = 200
    content_type: str = "text/html"
    charset: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str = ""  # answered with 304 where the request names it
    last_modified: str = ""
    encoding: str = ""  # such as gzip or br: the body is sent packed, and declared so
    redirect_to: str = ""  # with `status` 301 and so on
    retry_after: str = ""
    chunks: int = 1  # the body is sent in so many pieces
    cut_off: bool = False  # the connection breaks after half the body
    hangs: bool = False  # headers and half the body come, then nothing, for ever
    hangs_before: bool = False  # nothing comes, for ever

    @property
    def sent(self) -> bytes:
        """The body as it goes over the wire."""
        raw = self.body if isinstance(self.body, bytes) else self.body.encode(self.charset or "utf-8")
        match self.encoding:
            case "gzip":
                return gzip.compress(raw)
            case "br":
                return bytes(brotli.compress(raw))
            case "deflate":
                return zlib.compress(raw)
            case "x-gzip":
                return gzip.compress(raw)
            case "deflate, gzip":
                return gzip.compress(zlib.compress(raw))
        return raw

    @property
    def all_headers(self) -> dict[str, str]:
        """What is sent beside the body."""
        charset = f"; charset={self.charset}" if self.charset else ""
        named = {
            "Content-Type": f"{self.content_type}{charset}",
            "ETag": self.etag,
            "Last-Modified": self.last_modified,
            "Content-Encoding": self.encoding,
            "Location": self.redirect_to,
            "Retry-After": self.retry_after,
        }
        return {name: value for name, value in named.items() if value} | dict(self.headers)

    def is_unchanged_for(self, request: web.Request) -> bool:
        """Whether the request's conditions say that it has this already; the ETag goes before the date."""
        given = request.headers.get("If-None-Match")
        if given is not None:
            return bool(self.etag) and given == self.etag
        return bool(self.last_modified) and request.headers.get("If-Modified-Since") == self.last_modified


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request that came."""

    method: str
    target: str  # the path and query as they came over the wire
    path: str
    headers: Mapping[str, str]
    body: bytes


class Site:
    """A web server on `address`, at `url`; `requests` are those that came, in order.

    Unknown paths answer 404. A path that serves several pages gives one after the other, the last one for ever.
    """

    def __init__(self, address: str = "127.0.0.1") -> None:
        self._address = address
        self._pages: dict[str, list[Page]] = {}
        self._closing = asyncio.Event()
        self.came = asyncio.Condition()
        self.requests: list[Asked] = []
        self.url = ""

    def serve(self, path: str, *pages: Page) -> str:
        """Serve `pages` at `path`, from now on; its URL."""
        self._pages[path] = list(pages)
        return f"{self.url}{path}"

    def count(self, path: str) -> int:
        """How often `path` was asked for."""
        return sum(asked.path == path for asked in self.requests)

    def asked(self, path: str) -> Sequence[Asked]:
        """The requests for `path`."""
        return [asked for asked in self.requests if asked.path == path]

    async def wait_for(self, path: str, *, times: int = 1) -> None:
        """Return once `path` was asked for so often."""
        async with asyncio.timeout(PATIENCE), self.came:
            await self.came.wait_for(lambda: self.count(path) >= times)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=100 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._address, 0).start()
        port = self._runner.addresses[0][1]
        self.url = f"http://{self._address}:{port}"
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._closing.set()
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        asked = Asked(
            method=request.method,
            target=request.raw_path,
            path=request.path_qs,
            headers=dict(request.headers),
            body=body,
        )
        async with self.came:
            self.requests.append(asked)
            self.came.notify_all()
        pages = self._pages.get(request.path_qs)
        if not pages:
            return web.Response(status=404, text="not here")
        return await self._sent(request, pages.pop(0) if len(pages) > 1 else pages[0])

    async def _sent(self, request: web.Request, page: Page) -> web.StreamResponse:
        if page.hangs_before:
            await self._closing.wait()
        if page.is_unchanged_for(request):
            headers = {name: value for name, value in page.all_headers.items() if name in ("ETag", "Last-Modified")}
            return web.Response(status=304, headers=headers | dict(page.headers))
        sent = page.sent
        response = web.StreamResponse(status=page.status, headers=page.all_headers)
        response.content_length = len(sent)
        await response.prepare(request)
        if page.cut_off or page.hangs:
            await response.write(sent[: len(sent) // 2])
            if page.hangs:
                await self._closing.wait()
            if request.transport:
                request.transport.abort()
            return response
        step = max(1, -(-len(sent) // page.chunks))
        for start in range(0, len(sent), step):
            await response.write(sent[start : start + step])
        await response.write_eof()
        return response


def rss(*items: str, title: str = "A feed", extra: str = "") -> str:
    """An RSS 2.0 document of `items`, made by `item`."""
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:wfw="http://wellformedweb.org/CommentAPI/" '
        'xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
        f"<title>{title}</title><link>https://paper.example/</link>{extra}{''.join(items)}</channel></rss>"
    )


def item(name: str, *, guid: str | None = None, link: str | None = None, text: str = "", extra: str = "") -> str:
    """An RSS item named `name`; guid and link follow from the name unless given, and are left out when empty."""
    guid = f"guid-{name}" if guid is None else guid
    link = f"https://paper.example/{name}" if link is None else link
    return (
        f"<item><title>{name}</title>"
        + (f'<guid isPermaLink="false">{guid}</guid>' if guid else "")
        + (f"<link>{link}</link>" if link else "")
        + f"<description>{text or 'Text of ' + name}</description>{extra}</item>"
    )
