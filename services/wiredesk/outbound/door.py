"""The one way out to the web: http(s) only, to addresses that may be dialled, within caps and time limits."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from types import MappingProxyType, TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.typedefs import LooseHeaders
from yarl import URL

from wiredesk import urls
from wiredesk.outbound import bodies
from wiredesk.outbound.address import Network, may_dial, parsed
from wiredesk.outbound.failure import FetchFailed, failure_of, not_allowed
from wiredesk.outbound.header_text import lowered

__all__ = ["Answer", "Door", "FetchFailed"]

MAX_BODY_BYTES = 15 * 1024 * 1024
TIMEOUT = timedelta(seconds=30)
CONNECT = timedelta(seconds=10)
IDLE = timedelta(seconds=20)
"""Longest silence between two pieces of an answer."""

DNS_CACHE = timedelta(minutes=5)
KEEP_ALIVE = timedelta(seconds=75)
LIMIT_PER_HOST = 8
MAX_HEADERS = 1_000
"""Some publishers send hundreds of Link headers."""

REDIRECTS = frozenset([301, 302, 303, 307, 308])
PERMANENT = frozenset([301, 308])

_NONE: Mapping[str, str] = MappingProxyType({})
_refused: ContextVar[list[str]] = ContextVar("refused")

AddressInfo = tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server said at last. `url` is the final one; header names are lower-case; `body` is decoded.

    `moved_permanently_to` is set where every hop on the way said so. `is_cut`: the body went on beyond the cap.
    """

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    moved_permanently_to: str | None = None
    is_cut: bool = False
    elapsed: timedelta = timedelta()


class Door:
    """An HTTP client whose every connection is checked. An async context manager.

    With a `proxy` it is the proxy that dials: then only literal addresses are checked here.
    """

    def __init__(
        self,
        *,
        allow: Sequence[Network] = (),
        proxy: str = "",
        user_agent: str = "wiredesk",
        contact: str = "",
        limit: int = 200,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._allow = tuple(allow)
        self._proxy = proxy or None
        self._user_agent = f"{user_agent} (+{contact})" if contact else user_agent
        self._limit = limit
        self._resolver = resolver
        self._sessions: dict[str, aiohttp.ClientSession] = {}

    async def __aenter__(self) -> Self:
        # Who posts bounds himself by receiver: many receivers share a host, and those that hang must not starve the rest.
        self._sessions = {"GET": self._opened(per_host=LIMIT_PER_HOST), "POST": self._opened(per_host=0)}
        return self

    def _opened(self, *, per_host: int) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=self._limit,
            limit_per_host=per_host,
            ttl_dns_cache=int(DNS_CACHE.total_seconds()),
            keepalive_timeout=KEEP_ALIVE.total_seconds(),
            resolver=self._resolver,
            socket_factory=None if self._proxy else self._checked_socket,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self._user_agent},
            max_headers=MAX_HEADERS,
            max_field_size=32 * 1024,
            max_line_size=32 * 1024,
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=CONNECT.total_seconds(), sock_read=IDLE.total_seconds()
            ),
        )

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for session in self._sessions.values():
            await session.close()

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] = _NONE,
        max_bytes: int = MAX_BODY_BYTES,
        timeout: timedelta = TIMEOUT,
        max_redirects: int = 5,
        cut: bool = False,
    ) -> Answer:
        """The answer to a GET, redirects followed. `cut` gives the beginning of a body that is too large.

        Raises `FetchFailed`, and nothing else, where there is no answer; any status is an answer.
        """
        began = time.monotonic()
        journey = _Journey(url)
        async with _deadline(timeout, journey):
            while True:
                read = partial(bodies.whole, url=journey.url, max_bytes=max_bytes, cut=cut)
                answer = await self._once("GET", journey.url, headers, journey.cookies, None, read)
                if answer.status not in REDIRECTS or "location" not in answer.headers:
                    return journey.ended(answer, elapsed=timedelta(seconds=time.monotonic() - began))
                journey.hop(answer, limit=max_redirects)

    async def post(
        self,
        url: str,
        *,
        body: bytes,
        headers: Mapping[str, str] = _NONE,
        max_bytes: int = 64 * 1024,
        timeout: timedelta = TIMEOUT,
    ) -> Answer:
        """The answer to a POST; a redirect is an answer like any other. Raises `FetchFailed` where there is none.

        Who was posted to has taken it once the status is there: of the body the first `max_bytes` are kept, as far as
        they come within two seconds, and what is wrong with it is no fault. So a receiver is not sent the same again.
        """
        began = time.monotonic()
        journey = _Journey(url)
        async with _deadline(timeout, journey) as deadline:
            read = partial(bodies.rest, answered=deadline.met, max_bytes=max_bytes)
            answer = await self._once("POST", url, headers, {}, body, read)
            return journey.ended(answer, elapsed=timedelta(seconds=time.monotonic() - began))

    async def _once(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        cookies: dict[str, str],
        body: bytes | None,
        read: Callable[[aiohttp.ClientResponse], Awaitable[tuple[bytes, bool]]],
    ) -> Answer:
        assert self._sessions, "the door is used outside its `async with`"
        host = urls.host_of(url)
        self._check_url(url, host)
        refused: list[str] = []
        token = _refused.set(refused)
        request_headers: LooseHeaders = {**headers, **({"Cookie": _cookie_header(cookies)} if cookies else {})}
        try:
            # A text would be escaped anew, and its host refused where it holds a joiner.
            target = URL(urls.requested(url), encoded=True)
            async with self._sessions[method].request(
                method, target, headers=request_headers, data=body, allow_redirects=False, proxy=self._proxy
            ) as response:
                cookies.update({name: morsel.value for name, morsel in response.cookies.items()})
                is_redirect = method == "GET" and response.status in REDIRECTS and "Location" in response.headers
                content, is_cut = (b"", False) if is_redirect else await read(response)
                return Answer(status=response.status, url=url, headers=lowered(response), body=content, is_cut=is_cut)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # TimeoutError is an OSError; the deadline's own cancellation passes by.
            raise failure_of(error, url=url, host=host, refused=refused) from error
        finally:
            _refused.reset(token)

    def _check_url(self, url: str, host: str) -> None:
        if not urls.is_http(url) or not host.isascii():
            raise FetchFailed(f"{url[:200]}: not an http(s) URL", reason="bad_url", host=host)
        address = parsed(host)
        if address and not may_dial(address, allow=self._allow):
            raise not_allowed(url, host=host, address=str(address))

    def _checked_socket(self, info: AddressInfo) -> socket.socket:
        """A socket for exactly this address, where it may be dialled: whatever name or redirect led here."""
        family, kind, protocol, _, address = info
        where = parsed(address[0])
        if where is None or not may_dial(where, allow=self._allow):
            _refused.get([]).append(address[0])
            raise OSError(f"{address[0]} may not be dialled")
        return socket.socket(family, kind, protocol)


class _Journey:
    """The hops of one request."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies: dict[str, str] = {}
        self._hops = 0
        self._is_permanent = True

    def hop(self, answer: Answer, *, limit: int) -> None:
        """Go where `answer` points, if that may be."""
        target = urls.join(self.url, answer.headers["location"])
        host = urls.host_of(self.url)
        self._hops += 1
        self._is_permanent &= answer.status in PERMANENT
        if target is None:
            raise FetchFailed(f"{self.url}: redirect to no http(s) URL", reason="redirects", host=host)
        if self.url.startswith("https:") and not target.startswith("https:"):
            raise FetchFailed(f"{self.url}: redirect from https to {target}", reason="redirects", host=host)
        if self._hops > limit:
            raise FetchFailed(f"{self.url}: more than {limit} redirects", reason="redirects", host=host)
        if urls.site_of(target) != urls.site_of(self.url):
            self.cookies = {}  # some sites redirect in circles without theirs; nobody else is to see them
        self.url = target

    def ended(self, answer: Answer, *, elapsed: timedelta) -> Answer:
        """The last answer, with what the way to it was."""
        return Answer(
            status=answer.status,
            url=answer.url,
            headers=answer.headers,
            body=answer.body,
            is_cut=answer.is_cut,
            moved_permanently_to=answer.url if self._hops and self._is_permanent else None,
            elapsed=elapsed,
        )


class _deadline:
    """A time limit over all hops that ends in `FetchFailed`."""

    def __init__(self, timeout: timedelta, journey: _Journey) -> None:
        self._seconds = timeout.total_seconds()
        self._journey = journey
        self._timeout = asyncio.timeout(self._seconds)

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        return self

    def met(self) -> None:
        """There is an answer: what follows has limits of its own."""
        self._timeout.reschedule(None)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        url = self._journey.url
        try:
            await self._timeout.__aexit__(kind, error, traceback)
        except TimeoutError as late:
            raise FetchFailed(
                f"{url}: timeout: no whole answer within {self._seconds:g} s", reason="timeout", host=urls.host_of(url)
            ) from late


def _cookie_header(cookies: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())[:8_000]
