"""When nothing is left to do: how `run --until-idle` knows that it may end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wiredesk.bus import Bus
from wiredesk.database import Database
from wiredesk.database.due import Job
from wiredesk.database.feeds import FeedStatus
from wiredesk.observe import log

_log = log(__name__)

SOON = timedelta(seconds=30)
"""Rows due within this time are waited for; later ones are left and told."""

BETWEEN_LOOKS = timedelta(seconds=0.25)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of the flow: the topics that `group` reads, and the kinds of due rows that this leads to."""

    group: str
    topics: Sequence[str]
    kinds: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What a run until idle came to: rows that wait longer, items stored by kind, new dead letters, feeds that failed."""

    waiting: Sequence[Job]
    stored: Mapping[str, int]
    dead: int
    feeds: int
    failed: Sequence[FeedStatus]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """All of it, in the order in which items pass; once a stretch is empty, nothing comes to it any more."""

    bus: Bus
    database: Database
    stretches: Sequence[Stretch]
    prefix: str
    started: datetime
    now: Callable[[], datetime]

    async def until_idle(self) -> Balance:
        """Return once every feed has been polled and every stretch is empty; what came of it."""
        before, buried = await self.database.items.count(), await self._buried()
        await self._idle()
        stored = {kind: count - before.get(kind, 0) for kind, count in (await self.database.items.count()).items()}
        feeds = [feed for feed in await self.database.feeds.status() if feed.state != "paused"]
        return Balance(
            waiting=await self._waiting(), stored=stored, dead=await self._buried() - buried, feeds=len(feeds),
            failed=[feed for feed in feeds if feed.state != "ok"],
        )  # fmt: skip

    async def _idle(self) -> None:
        told = ""
        while busy := await self._busy():
            if busy != told:
                _log.info("idle.waiting_for", what=busy)
                told = busy
            await asyncio.sleep(BETWEEN_LOOKS.total_seconds())

    async def _busy(self) -> str:
        """What is still to be done, in words; empty when nothing is."""
        unpolled = [
            status.url
            for status in await self.database.feeds.status()
            if status.state != "paused" and (status.last_polled_at is None or status.last_polled_at < self.started)
        ]
        if unpolled:
            return f"first poll of {unpolled[0]}" + (f" and {len(unpolled) - 1} more" if len(unpolled) > 1 else "")
        for stretch in self.stretches:
            if stretch.topics and any(row.records for row in await self.bus.lag(stretch.topics, group=stretch.group)):
                return f"records for {stretch.group}"
            soon = self.now() + SOON
            if stretch.kinds and any(job.due <= soon for job in await self.database.due.waiting(stretch.kinds)):
                return f"due rows of kind {' or '.join(stretch.kinds)}"
        return ""

    async def _buried(self) -> int:
        """Records in the topic of dead letters: a group that nobody is in lags behind all of them."""
        topic = f"{self.prefix}.dead"
        return sum(row.records for row in await self.bus.lag([topic], group=f"{topic}.count"))

    async def _waiting(self) -> Sequence[Job]:
        kinds = [kind for stretch in self.stretches for kind in stretch.kinds]
        return await self.database.due.waiting(kinds) if kinds else ()
