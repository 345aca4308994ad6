"""The topics: how long each is kept, what it carries, its key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from wiredesk.events.articles import Article, CollectedArticle, Entry, JudgedArticle
from wiredesk.events.changes import Alert, FeedChanged, StoryChanged
from wiredesk.events.comments import CollectedComment, Comment, JudgedComment
from wiredesk.events.event import Event

TOPICS: Mapping[str, tuple[timedelta, tuple[type[Event], ...], str]] = {
    "entries": (timedelta(days=7), (Entry,), "registrable domain of the entry's URL, else its host"),
    "collected": (timedelta(days=7), (CollectedArticle, CollectedComment), "article id"),
    "unique": (timedelta(days=7), (JudgedArticle, JudgedComment), "article id"),
    "duplicates": (timedelta(days=7), (JudgedArticle, JudgedComment), "article id"),
    "articles": (timedelta(days=14), (Article,), "article id"),
    "comments": (timedelta(days=14), (Comment,), "article id"),
    "stories": (timedelta(days=14), (StoryChanged,), "story id"),
    "feeds": (timedelta(days=14), (FeedChanged,), "feed"),
    "alerts": (timedelta(days=14), (Alert,), "rule name"),
    "dead": (timedelta(days=30), (), "as it was"),
}
"""Every topic without its prefix: how long it is kept, what it carries, its key."""
