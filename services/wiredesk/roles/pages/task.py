"""A page to be fetched, as the due queue keeps it."""

from __future__ import annotations

import msgspec

from wiredesk.events import Entry, Time

KIND = "page"
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
    looked_at: Time | None = None
    is_thread: bool = False
    etag: str = ""
    last_modified: str = ""
    article_id: str = ""
    article_capture: str = ""
    comment_captures: tuple[str, ...] = ()


def encode(task: Task) -> bytes:
    """The task as a job's payload."""
    return msgspec.json.encode(task)


def decode(payload: bytes) -> Task:
    """A job's payload as a task; raises `msgspec.ValidationError` only if another version wrote it."""
    return msgspec.json.decode(payload, type=Task)
