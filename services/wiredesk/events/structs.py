"""All events, by their type."""

from __future__ import annotations

from typing import TypeAlias

from wiredesk.events.articles import Article, CollectedArticle, Entry, JudgedArticle
from wiredesk.events.changes import Alert, FeedChanged, StoryChanged
from wiredesk.events.comments import CollectedComment, Comment, JudgedComment
from wiredesk.events.event import Event

Judged: TypeAlias = JudgedArticle | JudgedComment
DUPLICATE_TYPES: dict[type[Event], str] = {
    JudgedArticle: "wiredesk.article.duplicate",
    JudgedComment: "wiredesk.comment.duplicate",
}
ALL: tuple[type[Event], ...] = (
    Entry,
    CollectedArticle,
    CollectedComment,
    JudgedArticle,
    JudgedComment,
    Article,
    Comment,
    StoryChanged,
    FeedChanged,
    Alert,
)
TYPES: dict[str, type[Event]] = {event.type_name: event for event in ALL} | {
    name: event for event, name in DUPLICATE_TYPES.items()
}
"""Struct by `ce_type`."""
