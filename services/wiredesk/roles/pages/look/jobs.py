"""A page and its due rows, as the role's workers use them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from wiredesk import urls
from wiredesk.database.due import Job
from wiredesk.database.pages import COMMENTS, PAGE, THREAD, PageRow
from wiredesk.errors import Malformed
from wiredesk.events import Entry, digest, encode
from wiredesk.fates import Received
from wiredesk.roles.pages.look import identity
from wiredesk.roles.pages.look.published import Published

__all__ = ["COMMENTS", "PAGE", "THREAD", "PageJob"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageJob:
    """What is known of a page between two looks, read from its row."""

    row: PageRow
    entry: Entry
    published: Published

    @property
    def is_first_look(self) -> bool:
        """Whether nothing was made out since its entry came: each entry leads to an article of its own, known or not."""
        return self.row.published_at is None or self.row.published_at < self.row.queued_at

    def first_seen(self, now: datetime) -> datetime:
        """When its entry was first seen."""
        return self.entry.times.seen or now


def read(row: PageRow) -> PageJob:
    """A row as a job; raises `Malformed` only if another version wrote it."""
    try:
        entry = msgspec.json.decode(row.entry, type=Entry)
        return PageJob(row=row, entry=entry, published=Published.decoded(row.captures))
    except msgspec.MsgspecError as error:
        raise Malformed(f"page of another version: {error}") from error


def new_row(entry: Entry, *, source: Received[Entry], traceparent: str, now: datetime) -> PageRow:
    """What is known of a page when its entry comes."""
    link = identity.link_key(entry.url)
    return PageRow(
        key=digest("page", link, entry.revision),
        link=digest("link", link),
        entry_id=entry.id,
        entry=encode(entry),
        topic=source.topic,
        partition=source.partition,
        offset=source.offset,
        traceparent=traceparent,
        queued_at=now,
    )


def is_part(entry: Entry) -> bool:
    """Whether the entry is a part of a page and brings its own text: the page as a whole is another article."""
    return bool(urls.part_of(entry.url) and (entry.content or entry.summary))


def page_job(key: str, entry: Entry, *, due: datetime) -> Job:
    """The due row of a page to be fetched."""
    return Job(kind=PAGE, key=key, host=urls.site_of(entry.url), due=due)


def thread_job(page: PageJob, *, due: datetime) -> Job:
    """The due row of a page to be fetched again for its thread."""
    return Job(kind=THREAD, key=page.row.key, host=urls.site_of(page.entry.url), due=due, routine=True)


def comments_jobs(page: PageJob, *, due: datetime, routine: bool) -> Sequence[Job]:
    """The due row of the page's comment feed, where it has one: a request of its own, in its own host's turn."""
    feed = page.entry.comments_feed
    if not feed or not urls.is_http(feed):
        return ()
    return (Job(kind=COMMENTS, key=page.row.key, host=urls.site_of(feed), due=due, routine=routine),)
