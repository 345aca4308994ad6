"""Queues the pages of entries, so that consumption never waits for a slow page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from wiredesk import urls
from wiredesk.bus.records import header
from wiredesk.database.due import Job
from wiredesk.database.pages import PageRow, Pages
from wiredesk.events import Entry
from wiredesk.fates import Dead, Fate, Passed, Received
from wiredesk.roles.pages.look import jobs, revisits

QUEUED = Passed(reason="queued")

_APART = timedelta(microseconds=1)


class Intake:
    """Queues every entry's page; `nudge` wakes who works on it."""

    def __init__(self, pages: Pages, *, nudge: Callable[[], None], now: Callable[[], datetime]) -> None:
        self._pages, self._nudge, self._now = pages, nudge, now

    async def __call__(self, received: Sequence[Received[Entry]]) -> Sequence[Fate]:
        """Queue each entry's page; an entry whose URL cannot be fetched is dead."""
        now = self._now()
        fates = [QUEUED if urls.is_http(item.value.url) else _no_url(item.value) for item in received]
        # Of two revisions in one batch the later one was queued later.
        page_jobs = [
            _page_job(item, now=now + place * _APART)
            for place, (item, fate) in enumerate(zip(received, fates, strict=True))
            if fate is QUEUED
        ]
        if page_jobs:
            await self._pages.queue(page_jobs, memory=revisits.MEMORY)
            self._nudge()
        return fates


def _page_job(item: Received[Entry], *, now: datetime) -> tuple[PageRow, Job]:
    row = jobs.new_row(item.value, source=item, traceparent=header(item, "traceparent"), now=now)
    return row, jobs.page_job(row.key, item.value, due=now)


def _no_url(entry: Entry) -> Fate:
    return Dead(reason="no url", error=f"url {entry.url[:200]!r} of the entry is no http(s) URL")
