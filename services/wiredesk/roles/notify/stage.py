"""Raises alerts for items that match rules: one per rule and story, with a webhook to each endpoint."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from wiredesk.database import Database
from wiredesk.events import Article, Comment, StoryChanged
from wiredesk.fates import Dropped, Fate, Passed, Received
from wiredesk.roles.notify.body import alert_in
from wiredesk.roles.notify.matching import RuleMatch, article_of, found_in, is_too_old, raised
from wiredesk.roles.notify.rules_file import InForce

STORY = Dropped(reason="story")
NO_MATCH = Dropped(reason="no match")
TOO_OLD = Dropped(reason="too old")
TOLD_ALREADY = Dropped(reason="told already")


class Notify:
    """Idempotent: an alert is written once, and published again only to the replay of the item that raised it."""

    def __init__(
        self,
        database: Database,
        *,
        in_force: Callable[[], InForce],
        max_age: timedelta,
        nudge: Callable[[], None],
        now: Callable[[], datetime],
    ) -> None:
        self._database, self._in_force, self._nudge, self._now = database, in_force, nudge, now
        self._max_age = max_age

    async def __call__(self, received: Sequence[Received[Article | Comment | StoryChanged]]) -> Sequence[Fate]:
        """The alerts that each item was the first to raise."""
        values = [item.value for item in received]
        items = [value for value in values if isinstance(value, Article | Comment)]
        rules, now, stories = self._in_force().rules, self._now(), _stories(values)
        # A batch against many rules is milliseconds of CPU: off the event loop.
        matches = await asyncio.to_thread(found_in, items, rules, stories=stories)
        young = await self._not_too_old(matches)
        fresh = await self._not_copies(young)
        stories |= await self._missing(fresh, stories)
        alerts = [raised(match, rules, stories=stories, now=now) for match in fresh]
        # Of all items, not of the matches: a replay publishes what its items raised, whatever the rules say by now.
        bodies = await self._database.alerts.raise_all(alerts, captures=[item.capture for item in items], now=now)
        if bodies:
            # The sender of this process need not wait for its next look at the due queue.
            self._nudge()
        recent, every = ({match.item.capture for match in group} for group in (young, matches))
        return [_fate(value, bodies, captures=every, recent=recent) for value in values]

    async def _not_too_old(self, matches: Sequence[RuleMatch]) -> list[RuleMatch]:
        """The matches that are not too old. Items that a new subscription lists already are old, unless it asks for `backfill`."""
        old = [match.item for match in matches if is_too_old(match.item, most=self._max_age)]
        feeds = {item.feed for item in old if isinstance(item, Article)}
        backfilled = await self._database.feeds.with_backfill(feeds) if feeds else frozenset()
        left = {item.capture for item in old if not (isinstance(item, Article) and item.feed in backfilled)}
        return [match for match in matches if match.item.capture not in left]

    async def _not_copies(self, matches: Sequence[RuleMatch]) -> list[RuleMatch]:
        """The matches without noted copies of other items: dedupe lost its memory since, and the original raised the alert."""
        articles = [match.item for match in matches if isinstance(match.item, Article)]
        noted = await self._database.items.already_copies(articles) if articles else frozenset()
        return [match for match in matches if match.item.id not in noted]

    async def _missing(self, matches: Sequence[RuleMatch], known: Mapping[str, str]) -> Mapping[str, str]:
        """The stories of articles that comments belong to, as far as they are known."""
        articles = {article_of(match.item) for match in matches if isinstance(match.item, Comment)} - set(known)
        return await self._database.alerts.stories_of(sorted(articles)) if articles else {}


def _stories(values: Sequence[Article | Comment | StoryChanged]) -> dict[str, str]:
    """The story of each article, as far as this batch names it."""
    changes = {value.item: value.id for value in values if isinstance(value, StoryChanged)}
    return changes | {value.id: value.story.id for value in values if isinstance(value, Article) and value.story}


def _fate(
    value: Article | Comment | StoryChanged,
    bodies: Mapping[str, Sequence[bytes]],
    *,
    captures: Collection[str],
    recent: Collection[str],
) -> Fate:
    if isinstance(value, StoryChanged):
        return STORY
    if value.capture in bodies:
        return Passed(outputs=[alert_in(body) for body in bodies[value.capture]], reason="alerted")
    if value.capture in recent:
        return TOLD_ALREADY
    return TOO_OLD if value.capture in captures else NO_MATCH
