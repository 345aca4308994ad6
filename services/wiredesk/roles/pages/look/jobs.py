"""A page to be fetched, as the due queue keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from wiredesk import urls
from wiredesk.database.due import Job
from wiredesk.errors import Malformed
from wiredesk.events import Entry, Time, digest
from wiredesk.roles.pages.look import identity

PAGE = "page"
"""Kind of the rows of pages not yet had, or remembered for a while."""

THREAD = "thread"
"""Kind of the rows of pages looked at again for new comments and corrections."""

MAX_CAPTURES = 2_000
"""More comments than this are published again at the next look, which changes nothing downstream."""


class Task(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a page between two looks; `topic`, `partition`, `offset` say where its entry was read."""

    entry: Entry
    topic: str
    partition: int
    offset: int
    traceparent: str = ""
    tries: int = 0  # failures since the last success
    looks: int = 0
    looked_at: Time | None = None  # when the page was last had
    etag: str = ""
    last_modified: str = ""
    article_id: str = ""
    has_comments: bool = False
    captures: tuple[str, ...] = ()  # of the article and comments already published


def key_of(entry: Entry) -> str:
    """The row's key: the same link in a second feed is one page, an edited entry is looked at anew."""
    return digest("page", identity.link_key(entry.url), entry.revision)


def is_part(entry: Entry) -> bool:
    """Whether the entry is a part of a page and brings its own text: the page as a whole is another article."""
    return bool(urls.part_of(entry.url) and (entry.content or entry.summary))


def host_of(url: str) -> str:
    """What a host budget is for: the registrable domain, or the address."""
    return urls.site_of(url)


def encode(task: Task) -> bytes:
    """The task as a job's payload."""
    return msgspec.json.encode(task)


def decode(payload: bytes) -> Task:
    """A job's payload as a task; raises `Malformed` only if another version wrote it."""
    try:
        return msgspec.json.decode(payload, type=Task)
    except msgspec.MsgspecError as error:
        raise Malformed(f"row of another version: {error}") from error


def first_job(task: Task, *, now: datetime) -> Job:
    """The row of a page to be fetched at once."""
    return Job(kind=PAGE, key=key_of(task.entry), host=host_of(task.entry.url), due=now, payload=encode(task))


def thread_job(task: Task, *, due: datetime) -> Job:
    """The row of a page to be looked at again; one an article, however many entries led to it."""
    return Job(
        kind=THREAD, key=task.article_id, host=host_of(task.entry.url), due=due, payload=encode(task), routine=True
    )


def remembered(captures: Sequence[str]) -> tuple[str, ...]:
    """The newest captures, each once, oldest first."""
    return tuple(dict.fromkeys(captures))[-MAX_CAPTURES:]
