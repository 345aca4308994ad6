"""What becomes of stories and feeds, and alerts."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from wiredesk.events.event import Event
from wiredesk.events.kinds import FeedChange
from wiredesk.events.values import Match, Story, Time, Times


class StoryChanged(Event, frozen=True, kw_only=True):
    """An article joined or founded a story, or changed in it; `capture` is that of the article."""

    type_name = "wiredesk.story"
    topic = "stories"

    id: Annotated[str, Meta(description="the story's id")]
    item: Annotated[str, Meta(description="id of the article that joined or founded it, or changed in it")]
    capture: Annotated[str, Meta(description="the article's capture")] = ""
    source: Annotated[str, Meta(description="registrable domain of that article")]
    story: Annotated[Story, Meta(description="the story with it")]
    times: Annotated[Times, Meta(description="of the article")]


class FeedChanged(Event, frozen=True, kw_only=True):
    """A feed's health changed, or an entry left it: `change` is failing, dormant, back or entry_removed."""

    type_name = "wiredesk.feed"
    topic = "feeds"
    time_fields = ("at",)

    feed: Annotated[str, Meta(description="URL of the feed")]
    change: Annotated[FeedChange, Meta(description="`failing`, `dormant`, `back` or `entry_removed`")]
    reason: Annotated[str, Meta(description="a sentence for people")] = ""
    entry: Annotated[str | None, Meta(description="id of the entry that left the feed")] = None
    at: Annotated[Time, Meta(description="when it was noticed")]


class Alert(Event, frozen=True, kw_only=True):
    """A rule matched; unique by rule and story. `item` is the id of the article or comment."""

    type_name = "wiredesk.alert"
    topic = "alerts"

    id: Annotated[str, Meta(description="the alert's id; one a rule and story")]
    rule: Annotated[str, Meta(description="the rule's name; also the record's key")]
    query: Annotated[str, Meta(description="the rule's query, as it was")]
    item: Annotated[str, Meta(description="id of the article or comment that matched")]
    story: Annotated[str, Meta(description="the story, or the article where it belongs to none")]
    reason: Annotated[str, Meta(description="why, in words")] = ""
    matched: Annotated[tuple[Match, ...], Meta(description="where the query matched")] = ()
    times: Annotated[Times, Meta(description="of the item")]
