"""Fetches a due page, publishes what is new in it, and dates the next look at it and its comment feed."""

from __future__ import annotations

import asyncio
import traceback
from dataclasses import replace
from datetime import datetime

from wiredesk.database.due import Job, Settlement
from wiredesk.database.pages import PageRow
from wiredesk.observe import PAGES
from wiredesk.roles.pages.look import build, identity, jobs, outcome, revisits
from wiredesk.roles.pages.look.fetching import Fetched
from wiredesk.roles.pages.look.jobs import PAGE, PageJob
from wiredesk.roles.pages.look.outcome import PageFailure
from wiredesk.roles.pages.look.published import News, Published, article_news, comment_news
from wiredesk.roles.pages.look.publishing import NewsPublisher, PagesDeps, requests_of, with_news


class Fetcher:
    """Works on rows of kind `page` and `thread`: one row is one request for the page."""

    def __init__(self, deps: PagesDeps) -> None:
        self._deps, self._publisher = deps, NewsPublisher(deps)
        self._requests = requests_of(deps)

    async def __call__(self, job: Job) -> None:
        """Look at the page once; its row is deleted or dated anew."""
        looked = await self._publisher.in_turn(job, self._requests.page)
        if looked is not None:
            await self._settle(job, *looked)

    async def give_up(self, job: Job, error: Exception) -> None:
        """Settle a row whose work raised: an entry goes to the dead letters, a thread waits for its next look."""
        page = await self._publisher.page_of(job)
        if page is None:
            return
        if job.kind == PAGE:
            trace = "".join(traceback.format_exception(error))
            failure = PageFailure(reason="failed", error=repr(error), is_passing=False, traceback=trace)
            await self._publisher.bury(job, page.row, page.entry, failure)
        else:
            await self._next_look(job, page, Fetched(), News(sights={}))

    async def _settle(self, job: Job, page: PageJob, fetched: Fetched) -> None:
        if job.kind == PAGE:
            fetched = await self._requests.with_feed_body(fetched, page.entry)
        sighting = await self._sighting(page, fetched)
        page = await self._with_what_was_published(page, sighting)
        # In a thread: a page of 5,000 comments takes a second and more, and nothing else would be done meanwhile.
        news = await asyncio.to_thread(_news, page, fetched, sighting)
        if job.kind == PAGE and not news.sights:
            await self._without_text(job, page, fetched)
            return
        # Published before it is noted: a crash between the two repeats the look, and loses nothing.
        await self._publisher.publish(news.events, traceparent=page.row.traceparent)
        PAGES.labels(fetched.failure.reason if fetched.failure else "had").inc()
        if job.kind == PAGE:
            await self._had(job, page, fetched, news, sighting)
        else:
            await self._next_look(job, page, fetched, news)

    async def _sighting(self, page: PageJob, fetched: Fetched) -> build.PageSighting:
        declared = fetched.page.metadata.canonical if fetched.page else None
        final = fetched.answer.url if fetched.page and fetched.answer else None
        addresses = identity.addresses(declared, final=final, link=page.entry.url)
        aliases = self._deps.database.aliases
        article_id = page.row.article_id or (await aliases.settle([addresses.known_as]))[0]
        now = self._deps.now()
        return build.PageSighting(
            entry=page.entry,
            addresses=addresses,
            article_id=article_id,
            fetched_at=now if fetched.page else None,
            now=now,
        )

    async def _with_what_was_published(self, page: PageJob, sighting: build.PageSighting) -> PageJob:
        """An edited entry is a new page of a known article: what was published of that one is known of it too."""
        if not page.is_first_look:
            return page
        captures = await self._deps.database.pages.captures_of(sighting.article_id)
        return replace(page, published=Published.decoded(captures)) if captures else page

    async def _without_text(self, job: Job, page: PageJob, fetched: Fetched) -> None:
        """Retry later where that may help, else give the entry up: neither page nor feed gave a text."""
        failure = fetched.failure or PageFailure(
            reason="no text", error=f"{page.entry.url} holds no article and its entry no content", is_passing=False
        )
        PAGES.labels(failure.reason).inc()
        again_at = self._try_again_at(failure, page)
        if again_at is None:
            await self._publisher.bury(job, page.row, page.entry, failure)
        else:
            await self._publisher.note(Settlement(job=job, again_at=again_at), _failed)

    async def _had(self, job: Job, page: PageJob, fetched: Fetched, news: News, sighting: build.PageSighting) -> None:
        """Date the next look after a publication: soon where only the feed's content was published, else by the schedule."""
        now = self._deps.now()
        comments = jobs.comments_jobs(page, due=now, routine=False)

        def known(row: PageRow) -> PageRow:
            return _with_news(replace(row, article_id=sighting.article_id), page, news, now)

        again_at = self._try_again_at(fetched.failure, page) if fetched.failure else None
        if again_at is not None:
            # Routine: the feed's content is published, so a run until idle need not wait for the page.
            retried = Settlement(job=job, again_at=again_at, routine=True)
            await self._publisher.note(retried, lambda row: _failed(known(row)), rows=comments)
            return
        rows = [*comments]
        # One thread an article: several feeds may show the same page.
        if (first := self._first_revisit(page, fetched, news, now)) and not await self._deps.database.pages.is_watched(
            sighting.article_id, but=page.row.key
        ):
            rows.append(jobs.thread_job(page, due=first))
        await self._publisher.note(Settlement(job=job), lambda row: _looked(known(row), fetched, now), rows=rows)

    async def _next_look(self, job: Job, page: PageJob, fetched: Fetched, news: News) -> None:
        """A look at a thread: the next one by its schedule, and its comment feed now."""
        now, looks = self._deps.now(), page.row.looks + 1
        again_at = revisits.next_look(
            looks=looks,
            is_empty=not (page.row.has_comments or news.has_comments),
            first_seen=page.first_seen(now),
            now=now,
            pace=self._deps.pace,
        )
        await self._publisher.note(
            Settlement(job=job, again_at=again_at, routine=True),
            lambda row: replace(_looked(_with_news(row, page, news, now), fetched, now), looks=looks),
            rows=jobs.comments_jobs(page, due=now, routine=True),
        )

    def _try_again_at(self, failure: PageFailure, page: PageJob) -> datetime | None:
        return outcome.again_at(failure, tries=page.row.tries + 1, now=self._deps.now(), pace=self._deps.pace)

    def _first_revisit(self, page: PageJob, fetched: Fetched, news: News, now: datetime) -> datetime | None:
        entry = page.entry
        is_promised = entry.comments_feed or entry.comments_count or entry.comments_url
        has_comments = page.row.has_comments or news.has_comments
        if not (has_comments or is_promised or (fetched.page and fetched.page.invites_comments)):
            return None
        return revisits.next_look(
            looks=0, is_empty=not has_comments, first_seen=page.first_seen(now), now=now, pace=self._deps.pace
        )


def _news(page: PageJob, fetched: Fetched, sighting: build.PageSighting) -> News:
    """What of this look is to be published."""
    article = build.from_page(fetched.page, sighting) if fetched.page else None
    if article is None and fetched.feed_body:
        article = build.from_feed(fetched.feed_body, sighting)
    news = article_news(article, page.published, always=page.is_first_look) if article else News(sights={})
    if fetched.page is None:
        return news
    comments = build.comment_events(
        fetched.page.comments, method=fetched.page.comments_method or "feed", sighting=sighting
    )
    return news.and_also(comment_news(comments, page.published, place="page"))


def _with_news(row: PageRow, page: PageJob, news: News, now: datetime) -> PageRow:
    known = with_news(row, news, otherwise=page.published)
    return replace(known, published_at=now if news.sights else row.published_at)


def _looked(row: PageRow, fetched: Fetched, now: datetime) -> PageRow:
    answer = fetched.answer
    headers = answer.headers if answer and answer.status in (200, 304) else {}
    return replace(
        row,
        tries=0,
        looked_at=now,
        url=answer.url if answer and fetched.page else row.url,
        etag=headers.get("etag", row.etag),
        last_modified=headers.get("last-modified", row.last_modified),
    )


def _failed(row: PageRow) -> PageRow:
    return replace(row, tries=row.tries + 1)
