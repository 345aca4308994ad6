"""Publishes the items of a look, and notes them on the page's row; both workers of the role use it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from wiredesk import events
from wiredesk.bus import Bus, Consumed
from wiredesk.bus.records import dead_letter, to_record
from wiredesk.database import Database
from wiredesk.database.due import Job, Settlement
from wiredesk.database.pages import PageNote, PageRow
from wiredesk.errors import Malformed
from wiredesk.events import CollectedArticle, CollectedComment, Entry
from wiredesk.observe import ITEMS, child_traceparent, log
from wiredesk.outbound.politeness import NotYet, PoliteClient
from wiredesk.roles.pages.look import jobs, revisits
from wiredesk.roles.pages.look.fetching import Requests
from wiredesk.roles.pages.look.jobs import PageJob
from wiredesk.roles.pages.look.outcome import PageFailure
from wiredesk.roles.pages.look.page_credentials import PageCredentials
from wiredesk.roles.pages.look.published import News, Published
from wiredesk.workers import Workers

_log = log(__name__)

R = TypeVar("R")

ROLE = "pages"


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesDeps:
    """What the role's workers work with; `now` is the clock."""

    bus: Bus
    database: Database
    web_client: PoliteClient
    workers: Workers
    prefix: str
    now: Callable[[], datetime]
    pace: revisits.Pace = revisits.USUAL
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)


def requests_of(deps: PagesDeps) -> Requests:
    """What asks for pages and comment feeds."""
    load = deps.database.feeds.credentials_for_pages
    return Requests(
        deps.web_client, deps.workers, credentials=PageCredentials(load, environ=deps.environ, now=deps.now)
    )


class NewsPublisher:
    """Publishing and noting, as `PagesDeps` say."""

    def __init__(self, deps: PagesDeps) -> None:
        self._deps = deps

    async def in_turn(self, job: Job, request: Callable[[PageJob], Awaitable[R]]) -> tuple[PageJob, R] | None:
        """The page that `job` names, and what `request` gives for it; None where there is nothing to do now.

        Then its row is gone, or dated anew, as it is not the host's turn yet.
        """
        page = await self.page_of(job)
        if page is None:
            return None
        try:
            return page, await request(page)
        except NotYet as later:
            again_at = self._deps.now() + later.wait
            await self._deps.database.due.done(job, again_at=again_at, attempts=job.attempts)
            return None

    async def page_of(self, job: Job) -> PageJob | None:
        """The page that `job` names; None where there is nothing to do, and then its row is gone.

        A page that was erased is not looked at any more; one that cannot be read goes to the dead letters.
        """
        row = await self._deps.database.pages.get(job.key)
        if row is None:
            _log.info("pages.page_unknown", kind=job.kind, key=job.key)
            await self._deps.database.due.done(job)
            return None
        try:
            return jobs.read(row)
        except Malformed as error:
            await self.bury(job, row, None, PageFailure(reason="malformed", error=str(error), is_passing=False))
            return None

    async def publish(self, items: Sequence[CollectedArticle | CollectedComment], *, traceparent: str) -> None:
        """Publish the items, in order."""
        now, prefix = self._deps.now(), self._deps.prefix
        await self._deps.bus.publish(
            [
                to_record(item, prefix=prefix, role=ROLE, now=now, traceparent=child_traceparent(traceparent))
                for item in items
            ]
        )

    async def note(
        self, outcome: Settlement, change: Callable[[PageRow], PageRow] = lambda row: row, *, rows: Sequence[Job] = ()
    ) -> None:
        """Carry out `outcome`, change the page's row, make `rows` due; what none names any more is remembered a while."""
        forgotten_after = self._deps.now() + revisits.MEMORY
        note = PageNote(outcome=outcome, change=change, rows=rows, forgotten_after=forgotten_after)
        await self._deps.database.pages.noted(note)

    async def bury(self, job: Job, row: PageRow, entry: Entry | None, failure: PageFailure) -> None:
        """Send the page's entry to the dead letters, as it was read; `entry` is None where it cannot be read any more."""
        reason, url = failure.reason, entry.url if entry else ""
        ITEMS.labels(ROLE, "wiredesk.entry", "dead", reason).inc()
        _log.warning("pages.buried", url=url, reason=reason, error=failure.error[:300])
        letter = dead_letter(
            self._as_consumed(row, entry),
            prefix=self._deps.prefix,
            role=ROLE,
            reason=reason,
            error=failure.error,
            traceback=failure.traceback,
            now=self._deps.now(),
            attempts=row.tries + 1,
        )
        await self._deps.bus.publish([letter])
        await self.note(Settlement(job=job), lambda known: replace(known, tries=known.tries + 1))

    def _as_consumed(self, row: PageRow, entry: Entry | None) -> Consumed:
        at = (entry.times.seen if entry else None) or row.queued_at
        source = f"/{self._deps.prefix}/feeds"
        headers: tuple[tuple[str, bytes], ...] = (("ce_type", Entry.type_name.encode()),)
        if entry is not None:
            headers = tuple(events.headers_of(entry, source=source, now=at, traceparent=row.traceparent))
        return Consumed(
            topic=row.topic or f"{self._deps.prefix}.entries",
            key=events.key_of(entry) if entry else b"",
            value=row.entry,
            headers=headers,
            partition=row.partition,
            offset=row.offset,
            at=at,
        )


def with_news(row: PageRow, news: News, *, otherwise: Published | None = None) -> PageRow:
    """`row` with what a look saw; `otherwise` is what was published where the row knows of nothing.

    It is laid over what is known by now: page and comment feed are read apart, and either may have come meanwhile.
    """
    published = otherwise if otherwise is not None and not row.captures else Published.decoded(row.captures)
    return replace(
        row,
        captures=published.with_items(news.sights).encoded(),
        has_comments=row.has_comments or news.has_comments,
    )
