"""Reads the comment feed of a page that was had, in a request of its own, when its host's turn comes."""

from __future__ import annotations

import asyncio

from wiredesk.database.due import Job, Settlement
from wiredesk.observe import log
from wiredesk.roles.pages.look import build, identity, outcome
from wiredesk.roles.pages.look.fetching import FetchedComments
from wiredesk.roles.pages.look.jobs import PageJob
from wiredesk.roles.pages.look.outcome import PageFailure
from wiredesk.roles.pages.look.published import News, comment_news
from wiredesk.roles.pages.look.publishing import NewsPublisher, PagesDeps, requests_of, with_news

_log = log(__name__)

NOT_THERE = "http 404"
"""Unlike a page, a comment feed that is not there by then hardly comes within the hour."""


class CommentReader:
    """Works on rows of kind `comments`. A row is one request: the page's next look makes the next one due."""

    def __init__(self, deps: PagesDeps) -> None:
        self._deps, self._publisher = deps, NewsPublisher(deps)
        self._requests = requests_of(deps)

    async def __call__(self, job: Job) -> None:
        """One request; ends with the row deleted, or re-dated where it may be had soon."""
        looked = await self._publisher.in_turn(job, self._requests.comments)
        if looked is None:
            return
        page, fetched = looked
        if fetched.failure is not None:
            await self._without_comments(job, page, fetched.failure)
        else:
            await self._had(job, page, fetched)

    async def give_up(self, job: Job, error: Exception) -> None:
        """The next look at the page asks for its comment feed again."""
        _log.warning("pages.comment_feed_given_up", key=job.key, error=repr(error)[:300])
        await self._publisher.note(Settlement(job=job))

    async def _had(self, job: Job, page: PageJob, fetched: FetchedComments) -> None:
        now, row = self._deps.now(), page.row
        sighting = build.PageSighting(
            entry=page.entry,
            addresses=identity.addresses(None, final=row.url or None, link=page.entry.url),
            article_id=row.article_id,
            fetched_at=now,
            now=now,
        )
        # In a thread, as in `stage.py`: there may be thousands.
        news = await asyncio.to_thread(_news, page, fetched, sighting)
        await self._publisher.publish(news.events, traceparent=row.traceparent)
        await self._publisher.note(Settlement(job=job), lambda known: with_news(known, news))

    async def _without_comments(self, job: Job, page: PageJob, failure: PageFailure) -> None:
        """Again soon where that may help; else the page's next look asks anew."""
        tries = job.attempts + 1
        again_at = outcome.again_at(failure, tries=tries, now=self._deps.now(), pace=self._deps.pace)
        if failure.reason == NOT_THERE:
            again_at = None
        _log.info(
            "pages.comment_feed_failed",
            url=page.entry.comments_feed,
            error=failure.error[:300],
            is_asked_again=again_at is not None,
        )
        await self._publisher.note(Settlement(job=job, again_at=again_at, attempts=tries))


def _news(page: PageJob, fetched: FetchedComments, sighting: build.PageSighting) -> News:
    comments = build.comment_events(fetched.comments, method="feed", sighting=sighting)
    return comment_news(comments, page.published, place="feed")
