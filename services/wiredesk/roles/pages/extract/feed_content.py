"""What feeds carry of an article and its comments, as text; what a worker process runs, like the reading of a page."""

from __future__ import annotations

import re
from collections.abc import Sequence

from wiredesk.documents.comments import FeedComment, parse_comments
from wiredesk.roles.pages.extract import article
from wiredesk.roles.pages.extract.comments import FoundComment
from wiredesk.roles.pages.extract.tree import paragraphs_of_fragment

FEED_CONFIDENCE = 0.5

_COMMENT_NUMBER = re.compile(r"#(?:comment|c)-?(\d+)$")


def body_of_entry(content: str, summary: str) -> article.Body | None:
    """The article as far as its entry carries it, both HTML; None where there is no text in them."""
    text = paragraphs_of_fragment(content) or paragraphs_of_fragment(summary)
    return article.bounded(text, text, method="feed", confidence=FEED_CONFIDENCE) if text else None


def read_comments(body: bytes, url: str, content_type: str) -> tuple[FoundComment, ...]:
    """The comments of a comment feed, oldest first, in the shape of a page's comments. Raises `Malformed`."""
    return tuple(_comments_in(parse_comments(body, url=url, content_type=content_type)))


def _comments_in(items: Sequence[FeedComment]) -> list[FoundComment]:
    pairs = [(item, text) for item in items if (text := paragraphs_of_fragment(item.html))]
    by_guid = {item.guid: index for index, (item, _) in enumerate(pairs)}
    return [
        FoundComment(
            text=text,
            author=item.author,
            posted_at=item.posted_at,
            parent=by_guid.get(item.parent_guid) if item.parent_guid else None,
            native_id=_number(item.link or item.guid) or item.guid,
        )
        for item, text in pairs
    ]


def _number(url: str) -> str:
    match = _COMMENT_NUMBER.search(url)
    return match[1] if match else ""
