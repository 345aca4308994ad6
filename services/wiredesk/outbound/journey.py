"""The hops of one request, and the time limit over all of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from types import TracebackType
from typing import Self

from wiredesk import urls
from wiredesk.outbound import credentials
from wiredesk.outbound.credentials import Credentials
from wiredesk.outbound.failure import FetchFailed
from wiredesk.redaction import shown

PERMANENT = frozenset([301, 308])


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


class Journey:
    """The way of one request. A user and a password in its URL are taken out of it, as credentials of that origin."""

    def __init__(self, url: str, *, known: Credentials | None = None) -> None:
        self.credentials = known or credentials.of_url(url)
        self.url = urls.without_login(url) if urls.is_http(url) else url
        self.cookies: dict[str, str] = {}
        self.waited = 0.0  # seconds, for turns
        self._began = time.monotonic()
        self._hops = 0
        self._is_permanent = True

    def hop(self, answer: Answer, *, limit: int) -> None:
        """Go where `answer` points, if that may be."""
        target = urls.join(self.url, answer.headers["location"])
        host, here = urls.host_of(self.url), shown(self.url)
        self._hops += 1
        self._is_permanent &= answer.status in PERMANENT
        if target is None:
            raise FetchFailed(f"{here}: redirect to no http(s) URL", reason="redirects", host=host)
        if self.credentials:
            target = self.credentials.taken_from(target)  # elsewhere nobody is to see them, nor are our logs
        if self.url.startswith("https:") and not target.startswith("https:"):
            raise FetchFailed(f"{here}: redirect from https to {shown(target)}", reason="redirects", host=host)
        if self._hops > limit:
            raise FetchFailed(f"{here}: more than {limit} redirects", reason="redirects", host=host)
        if urls.site_of(target) != urls.site_of(self.url):
            self.cookies = {}  # some sites redirect in circles without theirs; nobody else is to see them
        self.url = target

    def ended(self, answer: Answer) -> Answer:
        """The last answer, with what the way to it was."""
        moved_to = answer.url if self._hops and self._is_permanent else None
        elapsed = timedelta(seconds=time.monotonic() - self._began - self.waited)
        return replace(answer, moved_permanently_to=moved_to, elapsed=elapsed)


class Deadline:
    """A time limit over all hops that ends in `FetchFailed`."""

    def __init__(self, timeout: timedelta, journey: Journey) -> None:
        self._seconds = timeout.total_seconds()
        self._journey = journey
        self._timeout = asyncio.timeout(self._seconds)

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        return self

    def met(self) -> None:
        """There is an answer: what follows has limits of its own."""
        self._timeout.reschedule(None)

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Within, time is not counted: what is waited for has limits of its own."""
        until, began = self._timeout.when(), time.monotonic()
        self._timeout.reschedule(None)
        try:
            yield
        finally:
            waited = time.monotonic() - began
            self._journey.waited += waited
            self._timeout.reschedule(None if until is None else until + waited)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        url = self._journey.url
        try:
            await self._timeout.__aexit__(kind, error, traceback)
        except TimeoutError as late:
            text = f"{shown(url)}: timeout: no whole answer within {self._seconds:g} s"
            raise FetchFailed(text, reason="timeout", host=urls.host_of(url)) from late
