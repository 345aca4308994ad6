"""The one way out to the web: http(s) only, to addresses that may be dialled, within caps and time limits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import timedelta
from functools import partial
from types import MappingProxyType, TracebackType
from typing import Any, Self

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from wiredesk import urls
from wiredesk.outbound import bodies
from wiredesk.outbound.address import PORTS, Network
from wiredesk.outbound.credentials import Credentials
from wiredesk.outbound.dialling import Dial, Dialling, dialled_for, resolver_of
from wiredesk.outbound.failure import FetchFailed, failure_of
from wiredesk.outbound.header_text import lowered
from wiredesk.outbound.journey import Answer, Deadline, Journey
from wiredesk.outbound.proxy import Proxy

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

_NONE: Mapping[str, str] = MappingProxyType({})

BeforeHop = Callable[[str], Awaitable[None]]
"""Awaited with the target of a redirect before it is asked for; what it raises ends the request."""


class Door:
    """An HTTP client whose every connection is checked. An async context manager.

    With a `proxy` it is the proxy that dials: names are resolved and their addresses judged here before it is asked,
    unless they resolve there alone. Ports are those of `ports`, and the ones that each call names.
    """

    def __init__(
        self,
        *,
        allow: Sequence[Network] = (),
        ports: Collection[int] = PORTS,
        proxy: Proxy | None = None,
        user_agent: str = "wiredesk",
        contact: str = "",
        limit: int = 200,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._dialling = Dialling(allow=allow, ports=ports)
        self._proxy = proxy
        self._user_agent = f"{user_agent} (+{contact})" if contact else user_agent
        self._limit = limit
        self._resolver = resolver
        self._sessions: dict[str, aiohttp.ClientSession] = {}

    async def __aenter__(self) -> Self:
        self._judging = resolver_of(self._resolver)
        # Who posts bounds himself by receiver: many receivers share a host, and those that hang must not starve the rest.
        self._sessions = {"GET": self._opened(per_host=LIMIT_PER_HOST), "POST": self._opened(per_host=0)}
        return self

    def _opened(self, *, per_host: int) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=self._limit,
            limit_per_host=per_host,
            ttl_dns_cache=int(DNS_CACHE.total_seconds()),
            keepalive_timeout=KEEP_ALIVE.total_seconds(),
            resolver=None if self._proxy else self._resolver,
            socket_factory=None if self._proxy else self._dialling.checked_socket,
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
        if self._resolver is None:
            await self._judging.close()

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] = _NONE,
        max_bytes: int = MAX_BODY_BYTES,
        timeout: timedelta = TIMEOUT,
        max_redirects: int = 5,
        cut: bool = False,
        credentials: Credentials | None = None,
        ports: Collection[int] = (),
        before_hop: BeforeHop | None = None,
    ) -> Answer:
        """The answer to a GET, redirects followed. `cut` gives the beginning of a body that is too large.

        `credentials` go to their origin alone; `ports` may be dialled beside those of the settings. Raises
        `FetchFailed`, and nothing else of its own, where there is no answer; any status is an answer.
        """
        journey = Journey(url, known=credentials)
        async with Deadline(timeout, journey) as deadline:
            while True:
                read = partial(bodies.whole, url=journey.url, max_bytes=max_bytes, cut=cut)
                answer = await self._once("GET", journey, headers, read, ports=frozenset(ports))
                if answer.status not in REDIRECTS or "location" not in answer.headers:
                    return journey.ended(answer)
                journey.hop(answer, limit=max_redirects)
                if before_hop:
                    async with deadline.paused():
                        await before_hop(journey.url)

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

        Whom to post to the operator says, so any port will do. Who was posted to has taken it once the status is there:
        of the body the first `max_bytes` are kept, as far as they come within two seconds, and what is wrong with it is
        no fault. So a receiver is not sent the same again.
        """
        journey = Journey(url)
        async with Deadline(timeout, journey) as deadline:
            read = partial(bodies.rest, answered=deadline.met, max_bytes=max_bytes)
            ports = frozenset([urls.port_of(url)]) if urls.is_http(url) else frozenset[int]()
            return journey.ended(await self._once("POST", journey, headers, read, body=body, ports=ports))

    async def _once(
        self,
        method: str,
        journey: Journey,
        headers: Mapping[str, str],
        read: Callable[[aiohttp.ClientResponse], Awaitable[tuple[bytes, bool]]],
        *,
        ports: frozenset[int],
        body: bytes | None = None,
    ) -> Answer:
        assert self._sessions, "the door is used outside its `async with`"
        url = journey.url
        self._dialling.check_url(url, ports=ports)
        secrets = (*journey.credentials.secrets, *self._proxy_secrets) if journey.credentials else self._proxy_secrets
        with dialled_for(Dial(url=url, ports=ports)) as dial:
            try:
                target, options = await self._asked(journey, ports=ports)
                sent = _sent(journey, headers) | options.pop("headers", {})
                async with self._sessions[method].request(
                    method, target, headers=sent, data=body, allow_redirects=False, **options
                ) as response:
                    journey.cookies.update({name: morsel.value for name, morsel in response.cookies.items()})
                    is_redirect = method == "GET" and response.status in REDIRECTS and "Location" in response.headers
                    content, is_cut = (b"", False) if is_redirect else await read(response)
                    return Answer(
                        status=response.status, url=url, headers=lowered(response), body=content, is_cut=is_cut
                    )
            except (aiohttp.ClientError, OSError, ValueError) as error:
                # TimeoutError is an OSError; the deadline's own cancellation passes by.
                host = urls.host_of(url)
                raise failure_of(error, url=url, host=host, refused=dial.refused, secrets=secrets) from error

    async def _asked(self, journey: Journey, *, ports: frozenset[int]) -> tuple[URL, dict[str, Any]]:
        """What the client is to ask for, with the options of the proxy."""
        target = urls.requested(journey.url)
        if journey.credentials:
            target = journey.credentials.added_to(target)
        # A text would be escaped anew, and its host refused where it holds a joiner.
        if self._proxy is None:
            return URL(target, encoded=True), {}
        if self._proxy.resolve == "proxy":
            self._dialling.check_unseen(journey.url, ports=ports)
            address = None
        else:
            address = await self._dialling.judged(journey.url, ports=ports, resolver=self._judging)
        asked, options = self._proxy.request(target, address)
        return asked, dict(options)

    @property
    def _proxy_secrets(self) -> tuple[str, ...]:
        return self._proxy.secrets if self._proxy else ()


def _sent(journey: Journey, headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of the next request."""
    own = journey.credentials.headers_for(journey.url) if journey.credentials else _NONE
    cookies = "; ".join(f"{name}={value}" for name, value in journey.cookies.items())[:8_000]
    return {**headers, **own, **({"Cookie": cookies} if cookies else {})}
