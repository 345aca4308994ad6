"""Rules run over what is stored: what they would have told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from wiredesk.backends import database_of
from wiredesk.cli.output import counted
from wiredesk.cli.progress import shown
from wiredesk.config import Config
from wiredesk.database import Database
from wiredesk.database.items import ItemQuery, StoredItem
from wiredesk.roles.notify.matching import article_of, found_in, is_too_old, story_of
from wiredesk.roles.notify.rules import Rules

AT_ONCE = 500


@dataclass(slots=True)
class Count:
    """What a rule matched: items, the stories of those young enough to alert, and the newest item."""

    items: int = 0
    stories: set[str] = field(default_factory=set)
    newest: StoredItem | None = None


@dataclass(slots=True)
class BacktestTally:
    """How many items were looked at, and what each rule matched."""

    items: int = 0
    by_rule: dict[str, Count] = field(default_factory=dict)

    def take(self, items: Sequence[StoredItem], rules: Rules, *, stories: dict[str, str], max_age: timedelta) -> None:
        """Count `items`, the newest of all first; `stories` by article."""
        by_id = {item.event.id: item for item in items}
        self.items += len(items)
        matched = found_in([item.event for item in items], rules, stories=stories)
        # Newest first again: the matches come articles first.
        for match in sorted(matched, key=lambda match: -by_id[match.item.id].seq):
            count = self.by_rule.setdefault(match.rule, Count())
            count.items += 1
            count.newest = count.newest or by_id[match.item.id]
            if not is_too_old(match.item, most=max_age):
                count.stories.add(story_of(match.item, stories))


async def run(config: Config, rules: Rules, *, since: datetime | None, limit: int) -> BacktestTally:
    """The newest `limit` items stored since then, a page at a time."""
    tally = BacktestTally()
    with shown("backtest") as tell:
        async with database_of(config) as database:
            total = min(limit, sum((await database.items.count()).values())) or 1
            async for items in _pages(database, since=since, limit=limit):
                articles = sorted({article_of(item.event) for item in items})
                stories = dict(await database.alerts.stories_of(articles))
                tally.take(items, rules, stories=stories, max_age=config.alert_max_age)
                tell(min(1.0, tally.items / total), counted(tally.items, "item"))
    return tally


async def _pages(database: Database, *, since: datetime | None, limit: int) -> AsyncIterator[Sequence[StoredItem]]:
    query = ItemQuery(since=since, limit=min(limit, AT_ONCE))
    left = limit
    while left and (items := await database.items.search(query)):
        yield items
        left -= len(items)
        query = msgspec.structs.replace(query, before_seq=items[-1].seq, limit=min(left, AT_ONCE))
