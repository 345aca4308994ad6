"""The sites, each on a loopback address of its own, and a record of what they served."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aiohttp import web

from wiredesk.demo import documents, layouts
from wiredesk.demo.layouts import Setting
from wiredesk.demo.newsroom import Feed, Folder, Page, Site
from wiredesk.demo.timeline import Version, listed, shown

SLOW = timedelta(seconds=2)
RETRY_AFTER = timedelta(seconds=3)
HUGE_BYTES = 12 * 1024 * 1024
"""More than any page may have."""

FIRST_NETWORK = 20
"""The first site listens on 127.20.1.1, the next on 127.21.1.1: a /24 each."""


@dataclass(slots=True, kw_only=True)
class Clock:
    """Seconds since the start of the demo; before it the newsroom stands still, with what it has at 0."""

    wall: datetime = field(default_factory=lambda: datetime.now(UTC))
    began: float | None = None

    def start(self) -> None:
        """From now on time passes."""
        self.began = time.monotonic()

    @property
    def seconds(self) -> float:
        """How many have passed."""
        return 0.0 if self.began is None else time.monotonic() - self.began


@dataclass(slots=True, kw_only=True)
class Served:
    """What was served: answers by site and status, and requests that came though a site had asked to be left alone."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    impatient: list[str] = field(default_factory=list)


class Press:
    """All sites of a newsroom, once entered by `on_air`."""

    def __init__(self, folder: Folder, clock: Clock) -> None:
        self.folder, self.clock, self.served = folder, clock, Served()
        self.pages: Mapping[str, Page] = {page.address: page for page in folder.pages}
        self._urls: dict[str, str] = {}
        self._left_alone_until: dict[str, float] = {}
        self._was_busy: set[str] = set()

    @asynccontextmanager
    async def on_air(self) -> AsyncIterator[None]:
        """Within, every site answers."""
        async with AsyncExitStack() as stack:
            for number, site in enumerate(self.folder.newsroom.site):
                await stack.enter_async_context(self._listening(site, number))
            yield

    @asynccontextmanager
    async def _listening(self, site: Site, number: int) -> AsyncIterator[None]:
        async def answer(request: web.Request) -> web.StreamResponse:
            response = await self._answer(site, request)
            self.served.answers[site.name, response.status] += 1
            return response

        application = web.Application()
        application.router.add_get("/{path:.*}", answer)
        async with listening(application, address_of(number)) as url:
            self._urls[site.name] = url
            yield

    @property
    def feeds(self) -> Sequence[str]:
        """The URL of every feed."""
        return [self._urls[feed.site] + feed.path for feed in self.folder.newsroom.feed]

    def url_of(self, address: str) -> str:
        """The URL of a page or feed."""
        site, _, path = address.partition("/")
        return f"{self._urls[site]}/{path}"

    def address_of(self, url: str) -> str:
        """Site and path of a URL; the URL itself where it is none of ours."""
        for site, base in self._urls.items():
            if url.startswith(base + "/"):
                return site + url.removeprefix(base)
        return url

    async def _answer(self, site: Site, request: web.Request) -> web.StreamResponse:
        if request.path == "/robots.txt":
            return web.Response(text="User-agent: *\nAllow: /\n")
        if time.monotonic() < self._left_alone_until.get(site.name, 0.0):
            self.served.impatient.append(site.name + request.path)
        for feed in self.folder.newsroom.feed:
            if site.name == feed.site and request.path == feed.path:
                return self._feed(feed, site, request)
        page = self.pages.get(site.name + request.path.removesuffix(documents.COMMENT_FEED))
        version = shown(page, self.pages, at=self.clock.seconds) if page else None
        if version is None:
            return web.Response(status=404, text="not here")
        if request.path.endswith(documents.COMMENT_FEED):
            body = documents.comment_feed(version, self._setting(site))
            return _conditional(request, body, content_type=documents.TYPES["rss"])
        return await self._page(version, site, request)

    async def _page(self, version: Version, site: Site, request: web.Request) -> web.StreamResponse:
        match version.page.trouble:
            case "busy" if version.page.address not in self._was_busy:
                self._was_busy.add(version.page.address)
                self._left_alone_until[site.name] = time.monotonic() + RETRY_AFTER.total_seconds()
                return web.Response(status=429, headers={"Retry-After": f"{RETRY_AFTER.total_seconds():.0f}"})
            case "huge":
                return await _huge(request)
            case "slow":
                await asyncio.sleep(SLOW.total_seconds())
        return _conditional(request, layouts.html(version, self._setting(site)), content_type="text/html")

    def _feed(self, feed: Feed, site: Site, request: web.Request) -> web.StreamResponse:
        if feed.broken:
            return web.Response(
                text="<html><body><h1>We will be back soon</h1></body></html>", content_type="text/html"
            )
        document = documents.feed(feed, listed(feed, self.pages, at=self.clock.seconds), self._setting(site))
        return _conditional(request, document, content_type=documents.TYPES[feed.format])

    def _setting(self, site: Site) -> Setting:
        return Setting(site=site, url=self._urls[site.name], start=self.clock.wall)


def address_of(number: int) -> str:
    """The loopback address of the site of that number."""
    return f"127.{FIRST_NETWORK + number}.1.1"


@asynccontextmanager
async def listening(application: web.Application, address: str) -> AsyncIterator[str]:
    """The application on a free port of `address`, or of 127.0.0.1 where the system has no other; its URL."""
    runner = web.AppRunner(application, shutdown_timeout=0.2, access_log=None)
    await runner.setup()
    try:
        host = address if _can_listen(address) else "127.0.0.1"
        await web.TCPSite(runner, host, 0).start()
        yield f"http://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _can_listen(address: str) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
        return True


def _conditional(request: web.Request, body: str, *, content_type: str) -> web.Response:
    """The body, or 304 where the request names the version it has."""
    etag = f'"{hashlib.blake2b(body.encode(), digest_size=8).hexdigest()}"'
    if request.headers.get("If-None-Match") == etag:
        return web.Response(status=304, headers={"ETag": etag})
    return web.Response(text=body, content_type=content_type, headers={"ETag": etag})


async def _huge(request: web.Request) -> web.StreamResponse:
    """A page that goes on: whoever has a cap hangs up."""
    response = web.StreamResponse(headers={"Content-Type": "text/html"})
    await response.prepare(request)
    block = b"<p>" + b"and so on " * 6_500 + b"</p>\n"
    try:
        for _ in range(HUGE_BYTES // len(block)):
            await response.write(block)
        await response.write_eof()
    except ConnectionResetError:
        return response
    return response
