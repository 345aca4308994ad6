"""The alerts of every item: none until rules are read."""

from __future__ import annotations

from collections.abc import Sequence

from wiredesk.events import Article, Comment, StoryChanged
from wiredesk.pipeline import Dropped, Fate, Received

READS = ("articles", "comments", "stories")
ACCEPTS = (Article, Comment, StoryChanged)


class Notify:
    """Drops every item: there are no rules."""

    async def __call__(self, received: Sequence[Received[Article | Comment | StoryChanged]]) -> Sequence[Fate]:
        """No alert."""
        return [Dropped(reason="no rules") for _ in received]
