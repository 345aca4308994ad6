"""Readers' comments, each state inheriting the one before."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from wiredesk.events.event import Event
from wiredesk.events.values import Extraction, Place, Region, Time, Times, Verdict


class CollectedComment(Event, frozen=True, kw_only=True):
    """A reader's comment; `position` counts from 0 in page order, `depth` 0 is a top-level comment."""

    type_name = "wiredesk.comment.collected"
    topic = "collected"
    time_fields = ("posted_at", "edited_at")

    id: Annotated[
        str, Meta(description="the comment's id: by the platform's own number, else by article, author and text")
    ]
    capture: Annotated[str, Meta(description="digest of id and text: another for an edited comment")]
    article_id: Annotated[str, Meta(description="id of the article it stands under; also the record's key")]
    url: Annotated[str, Meta(description="URL of that article")]
    permalink: Annotated[str | None, Meta(description="its own URL")] = None
    author: Annotated[str, Meta(description="the name shown; empty where none is")] = ""
    text: Annotated[str, Meta(description="plain text")]
    posted_at: Annotated[Time | None, Meta(description="as the page says")] = None
    edited_at: Annotated[Time | None, Meta(description="as the page says")] = None
    parent_id: Annotated[str | None, Meta(description="id of the comment it answers")] = None
    position: Annotated[int, Meta(description="place on the page, from 0")] = 0
    depth: Annotated[int, Meta(description="0 for a top-level comment")] = 0
    likes: Annotated[int | None, Meta(description="as the page says")] = None
    deleted: Annotated[bool, Meta(description="whether the page says that it was removed")] = False
    inferred: Annotated[bool, Meta(description="whether its borders were guessed from the layout, not marked up")] = (
        False
    )
    platform: Annotated[str, Meta(description="wordpress, disqus and so on, where known")] = ""
    extraction: Annotated[Extraction, Meta(description="how it was got")]
    times: Annotated[Times, Meta(description="when what happened")]


class JudgedComment(CollectedComment, frozen=True, kw_only=True):
    """A collected comment with dedupe's verdict."""

    type_name = "wiredesk.comment.unique"
    topic = "unique"

    verdict: Annotated[Verdict, Meta(description="what dedupe found")]


class Comment(JudgedComment, frozen=True, kw_only=True):
    """A unique comment with its places and regions; `inherited` where the regions are its article's."""

    type_name = "wiredesk.comment"
    topic = "comments"

    places: Annotated[tuple[Place, ...], Meta(description="places named in the text, in order")] = ()
    regions: Annotated[tuple[Region, ...], Meta(description="regions in focus, best first")] = ()
    inherited: Annotated[
        bool, Meta(description="whether the regions are its article's, as it names no place itself")
    ] = False
