"""Politeness: request budgets of hosts that all replicas share, pauses, robots.txt."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from types import MappingProxyType

from wiredesk import urls
from wiredesk.errors import WiredeskError
from wiredesk.observe import log
from wiredesk.outbound import robots as robots_txt
from wiredesk.outbound.credentials import Credentials
from wiredesk.outbound.door import MAX_BODY_BYTES, TIMEOUT, Answer, Door
from wiredesk.outbound.failure import FetchFailed
from wiredesk.outbound.retry_after import retry_after
from wiredesk.outbound.robots import Robots
from wiredesk.redaction import shown
from wiredesk.state import HostBudgets
from wiredesk.stop import Stop
from wiredesk.workers import Workers

_log = log(__name__)

PER_HOST = 2
"""Requests to one host at once, across all replicas."""

FIRST_PAUSE = timedelta(seconds=60)
LONGEST_PAUSE = timedelta(hours=6)
LONGEST_GAP = timedelta(seconds=30)
BUSY = frozenset([429, 503])
MAX_HOSTS = 10_000
LATENCY_WEIGHT = 0.3
"""The weight of the newest answer in the moving average."""

_NONE: Mapping[str, str] = MappingProxyType({})


class NotYet(WiredeskError):
    """The host's next turn is `wait` away, longer than the caller has patience for."""

    def __init__(self, wait: timedelta, *, host: str) -> None:
        super().__init__(f"{host}: next turn in {wait.total_seconds():.1f} s")
        self.wait = wait
        self.host = host


class RobotsDenied(FetchFailed):
    """The site's robots.txt does not let us fetch this."""

    def __init__(self, url: str, *, host: str) -> None:
        super().__init__(f"{url}: robots.txt does not allow it", reason="robots", host=host)


@dataclass(slots=True)
class _Known:
    latency: float = 0.0  # seconds, moving average
    busy_answers: int = 0  # in a row
    paused_until: float = 0.0  # on the monotonic clock, as far as this process knows


class PoliteClient:
    """The door, with a turn to be taken before every request, and at every site that a redirect leads to.

    Turns of a host (registrable domain) are `gap` apart, or half its usual answering time where that is longer, up
    to 30 s: a slow host is asked less. 429 and 503 pause the host for all: as long as Retry-After says, else 60 s,
    doubling with each in a row; 6 hours at most. Once `stop` is asked for, nobody waits for a turn any more.
    """

    def __init__(
        self,
        door: Door,
        hosts: HostBudgets,
        *,
        workers: Workers,
        gap: timedelta,
        user_agent: str,
        stop: Stop | None = None,
    ) -> None:
        self._door, self._stop = door, stop or Stop()
        self._hosts = hosts
        self._gap_of_all = gap
        self._product = user_agent.partition("/")[0].strip() or "wiredesk"
        self._robots = Robots(workers)
        self._known: OrderedDict[str, _Known] = OrderedDict()

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] = _NONE,
        max_bytes: int = MAX_BODY_BYTES,
        timeout: timedelta = TIMEOUT,
        max_redirects: int = 5,
        robots: bool = True,
        patience: timedelta = timedelta(seconds=5),
        credentials: Credentials | None = None,
        ports: Collection[int] = (),
    ) -> Answer:
        """The answer to a GET, once it is the host's turn; `robots` says whether robots.txt is asked first.

        Both hold for every host that a redirect leads to. Raises `NotYet` where a turn is further away than
        `patience`, `RobotsDenied`, and `FetchFailed`.
        """
        gap = await self._gap(url, robots=robots, patience=patience, ports=ports)
        fetch = partial(
            self._door.get,
            url,
            headers=headers,
            max_bytes=max_bytes,
            timeout=timeout,
            max_redirects=max_redirects,
            credentials=credentials,
            ports=ports,
        )
        return await self._in_turn(url, fetch, gap=gap, robots=robots, patience=patience)

    async def _gap(
        self, url: str, *, robots: bool, patience: timedelta, ports: Collection[int], taken: Collection[str] = ()
    ) -> timedelta:
        """The gap between requests to the host of `url`. Raises `RobotsDenied` where `robots` are heeded and say no."""
        if not robots or not urls.is_http(url):
            return self._gap_of_all
        fetch = partial(self._robots_txt, patience=patience, ports=ports, taken=taken)
        rules = await self._robots.rules(url, fetch=fetch)
        if not rules.allow(url, self._product):
            raise RobotsDenied(shown(url), host=urls.host_of(url))
        return max(self._gap_of_all, rules.crawl_delay(self._product))

    async def _robots_txt(
        self, url: str, *, patience: timedelta, ports: Collection[int], taken: Collection[str]
    ) -> Answer:
        # RFC 9309, 2.5: a file beyond the limit is read up to there, not refused.
        fetch = partial(
            self._door.get, url, max_bytes=robots_txt.MAX_BYTES, timeout=robots_txt.TIMEOUT, cut=True, ports=ports
        )
        return await self._in_turn(url, fetch, gap=self._gap_of_all, robots=False, patience=patience, taken=taken)

    async def _in_turn(
        self,
        url: str,
        fetch: Callable[..., Awaitable[Answer]],
        *,
        gap: timedelta,
        robots: bool,
        patience: timedelta,
        taken: Collection[str] = (),
    ) -> Answer:
        # A redirect within a site, and the rules that it asks for there, are a part of the turn: where turns are far
        # apart, whoever must wait for a second one comes back, takes the first, and never gets there.
        sites = set(taken)

        async def turn(target: str, gap: timedelta) -> None:
            if urls.site_of(target) not in sites:
                await self._turn(urls.site_of(target), gap=gap, patience=patience)
                sites.add(urls.site_of(target))

        async def before_hop(target: str) -> None:
            await turn(target, await self._gap(target, robots=robots, patience=patience, ports=(), taken=sites))

        await turn(url, gap)
        answer = await fetch(before_hop=before_hop)
        known = self._of(urls.site_of(url))
        known.latency += LATENCY_WEIGHT * (answer.elapsed.total_seconds() - known.latency)
        await self._heed(answer, urls.site_of(answer.url))
        return answer

    async def _turn(self, host: str, *, gap: timedelta, patience: timedelta) -> None:
        """Wait for the host's turn. Raises `NotYet` where it is further away than `patience`."""
        known = self._of(host)
        gap = min(max(gap, timedelta(seconds=known.latency / 2)), max(LONGEST_GAP, gap))
        wait = await self._hosts.take(host, gap=gap, patience=patience)
        if wait > patience:
            raise NotYet(wait, host=host)
        await self._stop.unless(asyncio.sleep(wait.total_seconds()))
        if wait and self._stop.asked:  # what was not begun can wait for the next start
            raise NotYet(wait, host=host)
        paused = known.paused_until - time.monotonic()
        if wait and paused > 0:  # while we waited for our turn it asked to be left alone
            raise NotYet(timedelta(seconds=paused), host=host)

    async def _heed(self, answer: Answer, host: str) -> None:
        """Pause a host that is busy; it is the one that answered, which a redirect may have led to."""
        known = self._of(host)
        if answer.status not in BUSY:
            known.busy_answers = 0
            return
        retry_wait = retry_after(answer.headers, now=datetime.now(UTC))
        wait = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(known.busy_answers, 10) if retry_wait is None else retry_wait)
        known.busy_answers += 1
        known.paused_until = time.monotonic() + wait.total_seconds()
        await self._hosts.pause(host, wait=wait)
        _log.info("outbound.host_paused", host=host, status=answer.status, seconds=wait.total_seconds())

    def _of(self, host: str) -> _Known:
        known = self._known.setdefault(host, _Known())
        self._known.move_to_end(host)
        if len(self._known) > MAX_HOSTS:
            self._known.popitem(last=False)
        return known
