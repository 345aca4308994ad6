"""When nothing is left to do: how `run --until-idle` knows that it may end."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from wiredesk.bus import Bus
from wiredesk.database import Database
from wiredesk.database.due import Job
from wiredesk.database.feeds import FeedStatus
from wiredesk.observe import Health, log
from wiredesk.patience import patiently

_log = log(__name__)

R = TypeVar("R")

DEAD = "dead"

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


async def is_due_soon(database: Database, kinds: Sequence[str], *, now: datetime) -> bool:
    """Whether a row of those kinds, leased or not, is worth waiting for."""
    return any(job.due <= now + SOON for job in await database.due.waiting(kinds))


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """All of it, in the order in which items pass; once a stretch is empty, nothing comes to it any more."""

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
            waiting=await self._patiently(self._waiting), feeds=len(feeds),
            stored={kind: after[kind] - before[kind] for kind in after if kind != DEAD},
            dead=after[DEAD] - before[DEAD], failed=[feed for feed in feeds if feed.state != "ok"],
        )  # fmt: skip

    async def _patiently(self, look: Callable[[], Awaitable[R]]) -> R:
        return await patiently(look, health=self.health)

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
            if await is_due_soon(self.database, stretch.kinds, now=self.now()):
                return f"due rows of kind {' or '.join(stretch.kinds)}"
        return ""

    async def _counted(self) -> Counter[str]:
        """Items stored, by kind, and dead letters: a group that nobody is in lags behind all of them."""
        topic = f"{self.prefix}.{DEAD}"
        buried = sum(row.records for row in await self.bus.lag([topic], group=f"{topic}.count"))
        return Counter({**await self.database.items.count(), DEAD: buried})

    async def _waiting(self) -> Sequence[Job]:
        kinds = [kind for stretch in self.stretches for kind in stretch.kinds]
        return await self.database.due.waiting(kinds) if kinds else ()
