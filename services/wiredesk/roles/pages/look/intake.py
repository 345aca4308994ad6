"""Entries become rows of the due queue: consumption never waits for a slow page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from wiredesk import urls
from wiredesk.bus.records import header
from wiredesk.database.due import DueQueue
from wiredesk.events import Entry
from wiredesk.pipeline import Dead, Fate, Passed, Received
from wiredesk.roles.pages.look.jobs import Task, first_job

READS = ("entries",)
ACCEPTS = (Entry,)
QUEUED = Passed(reason="queued")


class Intake:
    """Puts every entry's page into the due queue; `nudge` wakes who works on it."""

    def __init__(self, due: DueQueue, *, nudge: Callable[[], None], now: Callable[[], datetime]) -> None:
        self._due, self._nudge, self._now = due, nudge, now

    async def __call__(self, received: Sequence[Received[Entry]]) -> Sequence[Fate]:
        """Queued, or dead where the URL is none that can be fetched."""
        now = self._now()
        fates = [QUEUED if urls.is_http(item.value.url) else _no_url(item.value) for item in received]
        jobs = [first_job(_task(item), now=now) for item, fate in zip(received, fates, strict=True) if fate is QUEUED]
        if jobs:
            await self._due.put(jobs)
            self._nudge()
        return fates


def _no_url(entry: Entry) -> Fate:
    return Dead(reason="no url", error=f"url {entry.url[:200]!r} of the entry is no http(s) URL")


def _task(item: Received[Entry]) -> Task:
    return Task(
        entry=item.value, topic=item.topic, partition=item.partition, offset=item.offset,
        traceparent=header(item, "traceparent"),
    )  # fmt: skip
