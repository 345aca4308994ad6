"""Comments of one article, from its own comment feed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wiredesk.documents.parse import parse

MAX_COMMENTS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedComment:
    """A reader's comment; `html` is as published, `parent_guid` the `guid` of the comment it answers."""

    guid: str
    link: str
    author: str
    html: str
    posted_at: datetime | None
    parent_guid: str | None


def parse_comments(body: bytes, *, url: str, content_type: str = "") -> tuple[FeedComment, ...]:
    """The comments in the feed `body`, oldest first as far as they are dated; those without a text are left out.

    A parent that is not in the feed (the article itself, as WordPress and Blogger write it) counts as none.
    Raises `Malformed` where `body` is no feed.
    """
    document = parse(body, url=url, content_type=content_type, max_entries=MAX_COMMENTS)
    entries = [entry for entry in document.entries if entry.content or entry.summary]
    guids = {entry.guid for entry in entries}
    comments = [
        FeedComment(
            guid=entry.guid or entry.url or "",
            link=entry.url or "",
            author=entry.authors[0] if entry.authors else "",
            html=entry.content or entry.summary,
            posted_at=entry.published_at or entry.updated_at,
            parent_guid=entry.parent_guid if entry.parent_guid in guids else None,
        )
        for entry in entries
    ]
    if all(comment.posted_at for comment in comments):
        comments.sort(key=lambda comment: comment.posted_at.timestamp() if comment.posted_at else 0.0)
    return tuple(comments)
