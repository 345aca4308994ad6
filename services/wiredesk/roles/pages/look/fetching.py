"""Requests of the role: a page or a comment feed, fetched in its host's turn and taken apart in a worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from wiredesk import urls
from wiredesk.errors import Malformed, Misconfigured, Overrun
from wiredesk.events import Entry
from wiredesk.outbound.door import Answer, FetchFailed
from wiredesk.outbound.politeness import PoliteClient
from wiredesk.roles.pages.extract.article import Body
from wiredesk.roles.pages.extract.comments import FoundComment
from wiredesk.roles.pages.extract.feed_content import body_of_entry, read_comments
from wiredesk.roles.pages.extract.page import ExtractedPage, extract
from wiredesk.roles.pages.look import outcome
from wiredesk.roles.pages.look.jobs import PageJob, is_part
from wiredesk.roles.pages.look.outcome import PageFailure
from wiredesk.roles.pages.look.page_credentials import PageCredentials
from wiredesk.text.charsets import header_label
from wiredesk.workers import WorkerLimits, Workers

PATIENCE = timedelta(seconds=5)
"""Longer waits for a host's turn go back to the due queue, so that the worker is free for other hosts."""

MAX_PAGE_BYTES = 10 * 1024 * 1024
MAX_COMMENT_FEED_BYTES = 5 * 1024 * 1024
LIMITS = WorkerLimits(cpu=timedelta(seconds=10), wall=timedelta(seconds=30), memory_bytes=768 * 1024 * 1024)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What one request for a page gave: the page, or why there is none; `page` is None on 304 as well.

    `feed_body` is the text that its entry carries, where that had to be read.
    """

    answer: Answer | None = None
    page: ExtractedPage | None = None
    feed_body: Body | None = None
    failure: PageFailure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedComments:
    """What one request for a comment feed gave."""

    comments: tuple[FoundComment, ...] = ()
    failure: PageFailure | None = None


class Requests:
    """Each call is one request; raises `NotYet` where the host's turn is further away than `PATIENCE`."""

    def __init__(self, web_client: PoliteClient, workers: Workers, *, credentials: PageCredentials) -> None:
        self._web_client, self._workers, self._credentials = web_client, workers, credentials

    async def page(self, job: PageJob) -> Fetched:
        """The page, unless its entry is a part of it; asked for by what is known of it."""
        if is_part(job.entry):
            return Fetched(failure=outcome.PART)
        conditions = {"If-None-Match": job.row.etag, "If-Modified-Since": job.row.last_modified}
        headers = {name: value for name, value in conditions.items() if value} | {
            "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5"
        }
        url = job.entry.url
        answer = await self._asked(url, job, headers=headers, max_bytes=MAX_PAGE_BYTES)
        if isinstance(answer, PageFailure):
            return Fetched(failure=answer)
        content_type = answer.headers.get("content-type", "")
        failure = outcome.of_status(answer.status, url=url) or (
            outcome.of_content_type(content_type, url=url) if answer.status != 304 else None
        )
        if failure or answer.status == 304:
            return Fetched(answer=answer, failure=failure)
        return await self._taken_apart(answer, header_label(content_type))

    async def _asked(
        self, url: str, job: PageJob, *, headers: Mapping[str, str], max_bytes: int
    ) -> Answer | PageFailure:
        try:
            # Unlike a feed, a page is not named by the operator: its site's robots.txt decides.
            return await self._web_client.get(
                url,
                headers=headers,
                max_bytes=max_bytes,
                robots=True,
                patience=PATIENCE,
                credentials=await self._credentials.of(job.entry.feed),
                ports=_ports(job),
            )
        except (FetchFailed, Misconfigured) as error:
            return _of_refusal(error)

    async def _taken_apart(self, answer: Answer, charset: str | None) -> Fetched:
        try:
            page = await self._workers.run(extract, answer.body, answer.url, charset, limits=LIMITS)
        except (Overrun, Malformed) as error:
            return Fetched(answer=answer, failure=_of_error(error))
        return Fetched(answer=answer, page=page)

    async def with_feed_body(self, fetched: Fetched, entry: Entry) -> Fetched:
        """`fetched` with the text of the entry, where the page gave none."""
        if (fetched.page and fetched.page.body) or not (entry.content or entry.summary):
            return fetched
        try:
            body = await self._workers.run(body_of_entry, entry.content, entry.summary, limits=LIMITS)
        except (Overrun, Malformed) as error:
            return fetched if fetched.failure else replace(fetched, failure=_of_error(error))
        return replace(fetched, feed_body=body)

    async def comments(self, job: PageJob) -> FetchedComments:
        """The comments in the entry's comment feed."""
        url = job.entry.comments_feed or ""
        answer = await self._asked(url, job, headers={}, max_bytes=MAX_COMMENT_FEED_BYTES)
        if isinstance(answer, PageFailure):
            return FetchedComments(failure=answer)
        if failure := outcome.of_status(answer.status, url=url):
            return FetchedComments(failure=failure)
        content_type = answer.headers.get("content-type", "")
        try:
            comments = await self._workers.run(read_comments, answer.body, answer.url, content_type, limits=LIMITS)
        except (Malformed, Overrun) as error:
            return FetchedComments(failure=_of_error(error))
        return FetchedComments(comments=comments)


def _of_refusal(error: FetchFailed | Misconfigured) -> PageFailure:
    return outcome.of_reason(error.reason if isinstance(error, FetchFailed) else "credentials", error=str(error))


def _ports(job: PageJob) -> Sequence[int]:
    """The port that the operator named when he subscribed to the feed: its pages are often there too."""
    return [urls.port_of(job.entry.feed)] if urls.is_http(job.entry.feed) else []


def _of_error(error: Malformed | Overrun) -> PageFailure:
    reason = "overrun" if isinstance(error, Overrun) else "malformed"
    return PageFailure(reason=reason, error=str(error), is_passing=False)
