"""What each role reads: its topics, by name without prefix, and the events that it understands.

No stage is imported, so that whoever only measures lag does not wait for what the roles are made of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from wiredesk.events import (
    Article,
    CollectedArticle,
    CollectedComment,
    Comment,
    Entry,
    Event,
    Judged,
    JudgedArticle,
    JudgedComment,
    StoryChanged,
)

T_co = TypeVar("T_co", bound=Event, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads(Generic[T_co]):
    """The topics of a role, and all events that they carry."""

    role: str
    topics: tuple[str, ...]
    accepts: tuple[type[T_co], ...]


PAGES: Reads[Entry] = Reads(role="pages", topics=("entries",), accepts=(Entry,))
DEDUPE: Reads[CollectedArticle | CollectedComment] = Reads(
    role="dedupe", topics=("collected",), accepts=(CollectedArticle, CollectedComment)
)
GEOTAG: Reads[Judged] = Reads(role="geotag", topics=("unique",), accepts=(JudgedArticle, JudgedComment))
STORE: Reads[Judged] = Reads(
    role="store",
    topics=("articles", "comments", "duplicates"),
    accepts=(Article, Comment, JudgedArticle, JudgedComment),
)
NOTIFY: Reads[Article | Comment | StoryChanged] = Reads(
    role="notify", topics=("articles", "comments", "stories"), accepts=(Article, Comment, StoryChanged)
)

READS: Mapping[str, Sequence[str]] = {reads.role: reads.topics for reads in (PAGES, DEDUPE, GEOTAG, STORE, NOTIFY)}
"""Topics by role, in the order of the flow."""


def reads_beside(roles: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Those of the roles that are none of `roles`."""
    return {role: topics for role, topics in READS.items() if role not in roles}
