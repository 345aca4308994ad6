"""Decides when nothing is left to do, so that `run --until-idle` may end."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from wiredesk.bus import Bus
from wiredesk.database import Database
from wiredesk.database.feeds import FEED, FeedStatus
from wiredesk.database.pages import KINDS as PAGE_KINDS
from wiredesk.observe import Health, log
from wiredesk.redaction import shown
from wiredesk.retry import patiently

_log = log(__name__)

R = TypeVar("R")

DEAD = "dead"

SOON = timedelta(seconds=30)
"""Rows due within this time are waited for; later ones are left, and listed at the end."""

BETWEEN_LOOKS = timedelta(seconds=0.25)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of the flow: the topics that `group` reads, and the kinds of due rows that its records make."""

    group: str
    topics: Sequence[str]
    kinds: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A due row that was left: its kind, its URL or other name, and when it is due."""

    kind: str
    name: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The result of a run until idle: rows that wait longer, items stored by kind, new dead letters, failed feeds."""

    waiting: Sequence[Waiting]
    stored: Mapping[str, int]
    dead: int
    feeds: int
    failed: Sequence[FeedStatus]


async def is_due_soon(database: Database, kinds: Sequence[str], *, now: datetime) -> bool:
    """Whether a row of those kinds, leased or not, is worth waiting for."""
    first = await database.due.first_waiting(kinds)
    return first is not None and first <= now + SOON


def unpolled(feeds: Sequence[FeedStatus], *, since: datetime) -> Sequence[FeedStatus]:
    """The feeds that are to be polled, and have not been `since` then."""
    return [
        feed
        for feed in feeds
        if feed.state != "paused" and (feed.last_polled_at is None or feed.last_polled_at < since)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """All stretches, in the order in which items pass them; nothing reaches a stretch once it and those before are empty."""

    bus: Bus
    database: Database
    stretches: Sequence[Stretch]
    prefix: str
    started: datetime
    health: Health
    now: Callable[[], datetime]

    async def until_idle(self) -> Balance:
        """Return once every feed has been polled and every stretch is empty; what came of it."""
        before = await self._patiently(self._counted)
        await self._patiently(self._idle)
        after = await self._patiently(self._counted)
        feeds = [feed for feed in await self._patiently(self.database.feeds.status) if feed.state != "paused"]
        return Balance(
            waiting=await self._patiently(self._waiting),
            feeds=len(feeds),
            stored={kind: after[kind] - before[kind] for kind in after if kind != DEAD},
            dead=after[DEAD] - before[DEAD],
            failed=[feed for feed in feeds if feed.state != "ok"],
        )

    async def _patiently(self, look: Callable[[], Awaitable[R]]) -> R:
        return await patiently(look, health=self.health)

    async def _idle(self) -> None:
        last_report = ""
        while busy := await self._busy():
            if busy != last_report:
                _log.info("idle.waiting_for", what=busy)
                last_report = busy
            await asyncio.sleep(BETWEEN_LOOKS.total_seconds())

    async def _busy(self) -> str:
        """What is still to be done, in words; empty when nothing is."""
        # A feed whose host asked to be left alone for longer is told at the end, and not waited for.
        soon = self.now() + SOON
        to_poll = unpolled(await self.database.feeds.status(), since=self.started)
        urls = [feed.url for feed in to_poll if feed.next_poll_at is None or feed.next_poll_at <= soon]
        if urls:
            return f"first poll of {shown(urls[0])}" + (f" and {len(urls) - 1} more" if len(urls) > 1 else "")
        for stretch in self.stretches:
            if stretch.topics and any(row.records for row in await self.bus.lag(stretch.topics, group=stretch.group)):
                return f"records for {stretch.group}"
            if await is_due_soon(self.database, stretch.kinds, now=self.now()):
                return f"due rows of kind {' or '.join(stretch.kinds)}"
        return ""

    async def _counted(self) -> Counter[str]:
        """Stored items by kind, and dead letters: the lag of a group without members counts all of them."""
        topic = f"{self.prefix}.{DEAD}"
        buried = sum(row.records for row in await self.bus.lag([topic], group=f"{topic}.count"))
        return Counter({**await self.database.items.count(), DEAD: buried})

    async def _waiting(self) -> Sequence[Waiting]:
        """Feeds that could not be polled yet, then rows, the first due first."""
        feeds = unpolled(await self.database.feeds.status(), since=self.started)
        waiting = [Waiting(kind=FEED, name=feed.url, until=feed.next_poll_at or self.now()) for feed in feeds]
        kinds = [kind for stretch in self.stretches for kind in stretch.kinds]
        rows = await self.database.due.waiting(kinds) if kinds else ()
        names: dict[tuple[str, str], str] = {}
        for kind in sorted({job.kind for job in rows} & set(PAGE_KINDS)):
            addresses = await self.database.pages.addresses(kind, [job.key for job in rows if job.kind == kind])
            names |= {(kind, key): url for key, url in addresses.items() if url}
        return waiting + [
            Waiting(kind=job.kind, name=names.get((job.kind, job.key), job.key), until=job.due) for job in rows
        ]
