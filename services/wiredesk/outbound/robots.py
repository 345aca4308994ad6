"""robots.txt (RFC 9309): what a site lets us fetch."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from protego import Protego

from wiredesk import urls
from wiredesk.errors import Malformed, Overrun
from wiredesk.observe import log
from wiredesk.outbound.door import Answer
from wiredesk.text.charsets import decoded
from wiredesk.text.parsers import parsing
from wiredesk.workers import WorkerLimits, Workers

_log = log(__name__)

MAX_BYTES = 500 * 1024
"""What a crawler must read at least (RFC 9309, section 2.5)."""

LIMITS = WorkerLimits(cpu=timedelta(seconds=3), wall=timedelta(seconds=30), memory_bytes=128 * 1024 * 1024)
"""The parser takes time and memory by the square on some files."""

KEPT = timedelta(hours=24)
KEPT_AFTER_ERROR = timedelta(minutes=10)
TIMEOUT = timedelta(seconds=15)
MAX_SITES = 5_000
MAX_CRAWL_DELAY = timedelta(seconds=30)

FIELDS = frozenset(
    "user-agent|useragent|user agent|allow|disallow|dissallow|dissalow|disalow|diasllow|disallaw|crawl-delay|crawl delay"
    "|sitemap|sitemaps|site-map|host|request-rate|request rate|visit-time|visit time".split("|")
)
"""What Protego 0.7 heeds, misspelt as it is found. To it any other field between two `User-agent` lines ends a group."""

Fetch = Callable[[str], Awaitable[Answer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsRules:
    """The rules of one site for us."""

    parsed: Protego | None  # None where everything is decided alike
    allows_all: bool = True

    def allow(self, url: str, user_agent: str) -> bool:
        """Whether `url` may be fetched."""
        return self.parsed.can_fetch(url, user_agent) if self.parsed else self.allows_all

    def crawl_delay(self, user_agent: str) -> timedelta:
        """The gap that the site asks for, at most 30 s."""
        seconds = self.parsed.crawl_delay(user_agent) if self.parsed else None
        return min(MAX_CRAWL_DELAY, timedelta(seconds=max(0.0, min(seconds or 0.0, 3600.0))))


@dataclass(slots=True)
class _Site:
    rules: RobotsRules | None = None
    until: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Robots:
    """The rules of the sites asked last, at most 5,000; kept a day.

    No robots.txt (4xx) allows everything; a server that is broken or busy (5xx, 429) denies everything for ten
    minutes, but rules known from before go on to hold. So does a file that cannot be read within `limits`: it is
    parsed in a worker process.
    """

    def __init__(
        self, workers: Workers, *, limits: WorkerLimits = LIMITS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._workers, self._limits, self._clock = workers, limits, clock
        self._sites: OrderedDict[str, _Site] = OrderedDict()

    async def rules(self, url: str, *, fetch: Fetch) -> RobotsRules:
        """The rules of the site of `url`, fetched where they are not known. What `fetch` raises is raised."""
        origin = urls.origin_of(url)
        site = self._site(origin)
        async with site.lock:  # one request for robots.txt, however many pages of a site are due
            if site.rules is None or self._clock() >= site.until:
                answer = await fetch(f"{origin}/robots.txt")
                site.rules, kept = await self._rules_of(answer, site.rules)
                site.until = self._clock() + kept.total_seconds()
            return site.rules

    async def _rules_of(self, answer: Answer, known: RobotsRules | None) -> tuple[RobotsRules, timedelta]:
        unknown = known or RobotsRules(parsed=None, allows_all=False), KEPT_AFTER_ERROR
        if answer.status == 429 or answer.status >= 500:
            return unknown
        if not 200 <= answer.status < 300 or not answer.body.strip():
            return RobotsRules(parsed=None), KEPT
        try:
            return RobotsRules(parsed=await self._workers.run(parsed, answer.body, limits=self._limits)), KEPT
        except (Malformed, Overrun) as error:
            _log.warning("outbound.robots_unreadable", url=answer.url, error=str(error))
            return unknown

    def _site(self, origin: str) -> _Site:
        site = self._sites.setdefault(origin, _Site())
        self._sites.move_to_end(origin)
        if len(self._sites) > MAX_SITES:
            self._sites.popitem(last=False)
        return site


def parsed(body: bytes) -> Protego:
    """The rules in `body`. A record of a field that the parser does not heed must not part a group: RFC 9309, 2.2.4."""
    lines = decoded(body[:MAX_BYTES]).splitlines()
    with parsing("no robots.txt"):
        return Protego.parse("\n".join(line for line in lines if _is_heeded(line)))


def _is_heeded(line: str) -> bool:
    record = line.partition("#")[0].casefold()
    words = record.split()  # the parser takes `User agent *` as well
    return not FIELDS.isdisjoint((record.partition(":")[0].strip(), *words[:1], " ".join(words[:2])))
