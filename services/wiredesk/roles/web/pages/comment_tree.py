"""Comments in the order of the conversation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from wiredesk.events import Comment


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadedComment:
    """A comment in its thread; `answers` is the one it replies to, where that is stored."""

    comment: Comment
    depth: int
    answers: Comment | None


def threaded(comments: Sequence[Comment]) -> list[ThreadedComment]:
    """Each comment once, replies after what they answer, siblings as on the page.

    One whose parent is missing begins a thread; so does one of a circle, which a hostile page can make.
    """
    by_id = {comment.id: comment for comment in comments}
    replies: dict[str, list[Comment]] = defaultdict(list)
    roots: list[Comment] = []
    for comment in sorted(by_id.values(), key=lambda other: (other.position, other.id), reverse=True):
        at = replies[comment.parent_id] if comment.parent_id in by_id and comment.parent_id else roots
        at.append(comment)
    turns: dict[str, ThreadedComment] = {}
    # The list is a stack, so it holds the last first. No recursion: depth is the page's to choose.
    waiting = [(comment, 0) for comment in [*by_id.values(), *roots]]
    while waiting:
        comment, depth = waiting.pop()
        if comment.id not in turns:
            turns[comment.id] = ThreadedComment(
                comment=comment, depth=depth, answers=by_id.get(comment.parent_id or "")
            )
            waiting += [(reply, depth + 1) for reply in replies[comment.id]]
    return list(turns.values())
