"""Fetches a due page and its comment feed, takes them apart in a worker, publishes what is new, notes the next look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import Message

import msgspec

from wiredesk.bus import Bus, Consumed, Record
from wiredesk.bus.records import dead_letter, to_record
from wiredesk.database import Database
from wiredesk.database.due import Job
from wiredesk.documents.comments import FeedComment, parse_comments
from wiredesk.errors import Malformed, Overrun
from wiredesk.events import CollectedArticle, CollectedComment
from wiredesk.observe import ITEMS, PAGES, child_traceparent, log
from wiredesk.outbound.door import Answer, FetchFailed
from wiredesk.outbound.manners import Manners, NotYet
from wiredesk.roles.pages.extract.page import Page, extract
from wiredesk.roles.pages.look import build, identity, outcome, revisits
from wiredesk.roles.pages.look.jobs import PAGE, THREAD, Task, decode, encode, is_part, remembered, thread_job
from wiredesk.roles.pages.look.outcome import Failure
from wiredesk.workers import Limits, Workers

_log = log(__name__)

ROLE = "pages"
PATIENCE = timedelta(seconds=5)
"""Longer waits for a host's turn go back to the due queue, so that the worker is free for other hosts."""

MAX_PAGE_BYTES = 10 * 1024 * 1024
MAX_COMMENT_FEED_BYTES = 5 * 1024 * 1024
LIMITS = Limits(cpu=timedelta(seconds=10), wall=timedelta(seconds=30), memory_bytes=768 * 1024 * 1024)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look at a page gave: the page, or why there is none; `page` is None on 304 as well."""

    answer: Answer | None = None
    page: Page | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the fetcher works with; `now` is the clock."""

    bus: Bus
    database: Database
    manners: Manners
    workers: Workers
    prefix: str
    now: Callable[[], datetime]
    pace: revisits.Pace = revisits.USUAL


class Fetcher:
    """Works on rows of kind `page` and `thread`."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def __call__(self, job: Job) -> None:
        """One look; ends with the row deleted or re-dated."""
        task = decode(job.payload)
        if job.kind == PAGE and task.looked_at is not None:  # remembered long enough
            await self._parts.database.due.done(job)
            return
        try:
            look = await self._look(task)
            comments = await self._comment_feed(task)
        except NotYet as later:
            await self._parts.database.due.done(job, again_at=self._parts.now() + later.wait)
            return
        await self._settle(job, task, look, comments)

    async def give_up(self, job: Job, error: Exception) -> None:
        """A row whose work raised: the entry to the dead letters, a thread to its next look."""
        try:
            task = decode(job.payload)
        except Malformed:
            await self._parts.database.due.done(job)
            return
        if job.kind == THREAD:
            await self._next_look(job, task)
            return
        await self._bury(task, Failure(reason="failed", error=repr(error), is_passing=False))
        await self._parts.database.due.done(job)

    async def _look(self, task: Task) -> Look:
        if is_part(task.entry):
            return Look(failure=outcome.PART)
        conditions = {"If-None-Match": task.etag, "If-Modified-Since": task.last_modified}
        headers = {name: value for name, value in conditions.items() if value} | {
            "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5"
        }
        url = task.entry.url
        try:
            answer = await self._parts.manners.get(
                url, headers=headers, max_bytes=MAX_PAGE_BYTES, robots=True, patience=PATIENCE
            )
        except FetchFailed as error:
            return Look(failure=outcome.of_reason(error.reason, error=str(error)))
        content_type = answer.headers.get("content-type", "")
        failure = outcome.of_status(answer.status, url=url) or (
            outcome.of_content_type(content_type, url=url) if answer.status != 304 else None
        )
        if failure or answer.status == 304:
            return Look(answer=answer, failure=failure)
        return await self._taken_apart(answer, _charset(content_type))

    async def _taken_apart(self, answer: Answer, charset: str | None) -> Look:
        try:
            page = await self._parts.workers.run(extract, answer.body, answer.url, charset, limits=LIMITS)
        except (Overrun, Malformed) as error:
            reason = "overrun" if isinstance(error, Overrun) else "malformed"
            return Look(answer=answer, failure=Failure(reason=reason, error=str(error), is_passing=False))
        return Look(answer=answer, page=page)

    async def _comment_feed(self, task: Task) -> tuple[FeedComment, ...]:
        """The comments of the entry's own comment feed; none where that cannot be had, which the next look mends."""
        url = task.entry.comments_feed
        if not url:
            return ()
        try:
            answer = await self._parts.manners.get(
                url, headers={}, max_bytes=MAX_COMMENT_FEED_BYTES, robots=True, patience=PATIENCE
            )
            if answer.status != 200:
                return ()
            return await self._parts.workers.run(_read_comments, answer.body, answer.url, limits=LIMITS)
        except (FetchFailed, Malformed, Overrun) as error:
            _log.info("pages.comment_feed_failed", url=url, error=str(error))
            return ()

    async def _settle(self, job: Job, task: Task, look: Look, comments: Sequence[FeedComment]) -> None:
        sighting = await self._sighting(task, look)
        article = (build.from_page(look.page, sighting) if look.page else None) or (
            build.from_feed(sighting) if job.kind == PAGE else None
        )
        made = self._comments(look, comments, sighting)
        if article is None and not made and job.kind == PAGE:
            await self._without_text(job, task, look)
            return
        events = [event for event in (article, *made) if event and event.capture not in task.captures]
        await self._parts.bus.publish([self._record(event, task) for event in events])
        PAGES.labels(look.failure.reason if look.failure else "had").inc()
        known = msgspec.structs.replace(
            task, article_id=sighting.article_id, has_comments=task.has_comments or bool(made),
            captures=remembered((*task.captures, *(e.capture for e in events))),
        )  # fmt: skip
        if job.kind == THREAD:
            await self._next_look(job, known, look.answer)
        else:
            await self._had(job, known, look)

    async def _sighting(self, task: Task, look: Look) -> build.Sighting:
        final = look.answer.url if look.page and look.answer else None
        canonical = look.page.metadata.canonical if look.page else None
        accepted = identity.accepted_canonical(canonical, page_url=final or task.entry.url)
        known_as = identity.article_urls(canonical=accepted, final=final, link=task.entry.url)
        now = self._parts.now()
        article_id = task.article_id or (await self._parts.database.aliases.settle([known_as]))[0]
        return build.Sighting(
            entry=task.entry, final_url=final, article_id=article_id, fetched_at=now if look.page else None, now=now
        )

    def _comments(self, look: Look, in_feed: Sequence[FeedComment], sighting: build.Sighting) -> list[CollectedComment]:
        on_page = look.page.comments if look.page else ()
        method = (look.page.comments_method if look.page else "") or "feed"
        merged = build.merged(on_page, build.from_feed_comments(in_feed))
        return build.comment_events(merged, method=method, platform="", sighting=sighting)

    async def _without_text(self, job: Job, task: Task, look: Look) -> None:
        """Neither page nor feed gave a text: again later where that may help, else dead."""
        failure = look.failure or Failure(
            reason="no text", error=f"{task.entry.url} holds no article and its entry no content", is_passing=False
        )
        PAGES.labels(failure.reason).inc()
        now, tries = self._parts.now(), task.tries + 1
        again_at = outcome.again_at(failure, tries=tries, now=now, pace=self._parts.pace)
        if again_at is None:
            await self._bury(task, failure)
            await self._parts.database.due.done(job)
            return
        payload = encode(msgspec.structs.replace(task, tries=tries))
        await self._parts.database.due.done(job, again_at=again_at, payload=payload)

    async def _had(self, job: Job, task: Task, look: Look) -> None:
        """Something was published: try for the page again where only the feed's content was had, else remember it."""
        now, due = self._parts.now(), self._parts.database.due
        tries = task.tries + 1
        if look.failure and (again_at := outcome.again_at(look.failure, tries=tries, now=now, pace=self._parts.pace)):
            payload = encode(msgspec.structs.replace(task, tries=tries))
            await due.done(job, again_at=again_at, payload=payload, routine=True)
            return
        if _may_be_discussed(task, look) and (first := self._look_again_at(task, now)):
            await due.put([thread_job(_after_look(task, look.answer, now), due=first)])
        remembered_task = msgspec.structs.replace(task, looked_at=now)
        await due.done(job, again_at=now + revisits.MEMORY, payload=encode(remembered_task), routine=True)

    async def _next_look(self, job: Job, task: Task, answer: Answer | None = None) -> None:
        now = self._parts.now()
        looked = _after_look(task, answer, now)
        again_at = self._look_again_at(looked, now, looks=looked.looks)
        await self._parts.database.due.done(job, again_at=again_at, payload=encode(looked), routine=True)

    def _look_again_at(self, task: Task, now: datetime, *, looks: int = 0) -> datetime | None:
        return revisits.next_look(
            looks=looks, is_empty=not task.has_comments, first_seen=_first_seen(task, now), now=now,
            pace=self._parts.pace,
        )  # fmt: skip

    async def _bury(self, task: Task, failure: Failure) -> None:
        ITEMS.labels(ROLE, "wiredesk.entry", "dead", failure.reason).inc()
        _log.warning("pages.buried", url=task.entry.url, reason=failure.reason, error=failure.error[:300])
        letter = dead_letter(
            self._as_consumed(task), prefix=self._parts.prefix, role=ROLE, reason=failure.reason, error=failure.error,
            now=self._parts.now(), attempts=task.tries + 1,
        )  # fmt: skip
        await self._parts.bus.publish([letter])

    def _as_consumed(self, task: Task) -> Consumed:
        at = task.entry.times.seen or self._parts.now()
        record = to_record(task.entry, prefix=self._parts.prefix, role="feeds", now=at, traceparent=task.traceparent)
        return Consumed(
            topic=task.topic, key=record.key, value=record.value, headers=record.headers,
            partition=task.partition, offset=task.offset, at=at,
        )  # fmt: skip

    def _record(self, event: CollectedArticle | CollectedComment, task: Task) -> Record:
        return to_record(
            build.fitted(event), prefix=self._parts.prefix, role=ROLE, now=self._parts.now(),
            traceparent=child_traceparent(task.traceparent),
        )  # fmt: skip


def _read_comments(body: bytes, url: str) -> tuple[FeedComment, ...]:
    return parse_comments(body, url=url)


def _charset(content_type: str) -> str | None:
    message = Message()
    message["content-type"] = content_type
    return message.get_content_charset()


def _may_be_discussed(task: Task, look: Look) -> bool:
    entry = task.entry
    is_promised = entry.comments_feed or entry.comments_count or entry.comments_url
    return bool(task.has_comments or is_promised or (look.page and look.page.invites_comments))


def _first_seen(task: Task, now: datetime) -> datetime:
    return task.entry.times.seen or now


def _after_look(task: Task, answer: Answer | None, now: datetime) -> Task:
    headers = answer.headers if answer and answer.status in (200, 304) else {}
    return msgspec.structs.replace(
        task, tries=0, looks=task.looks + 1 if task.looked_at else 0, looked_at=now,
        etag=headers.get("etag", task.etag), last_modified=headers.get("last-modified", task.last_modified),
    )  # fmt: skip
