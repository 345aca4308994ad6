"""Follows the topics and the database while the pipeline works, and keeps what came of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from wiredesk import events
from wiredesk.bus import Bus, Consumed
from wiredesk.bus.records import header, to_event
from wiredesk.database import Database
from wiredesk.database.feeds import FeedStatus
from wiredesk.database.items import StoredItem
from wiredesk.events import Alert, Article, Comment, JudgedArticle
from wiredesk.idle import is_due_soon
from wiredesk.observe import Health
from wiredesk.retry import patiently

TOPICS = ("articles", "comments", "duplicates", "alerts", "dead")
BETWEEN_LOOKS = timedelta(seconds=0.2)
LOOK_LIMIT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something to show: what it is, the URL it is of, regions in focus, and a title or text."""

    what: str
    url: str
    regions: Sequence[str] = ()
    text: str = ""
    detail: str = ""


class Watch:
    """What came so far. `tell` is called with everything new; due rows of `kinds` are work that brings more."""

    def __init__(self, *, prefix: str, tell: Callable[[Happening], None], kinds: Sequence[str] = ()) -> None:
        self._prefix, self._tell, self._kinds = prefix, tell, kinds
        self._health = Health("demo")
        self._captures: set[str] = set()
        self._seq = 0
        self.revisions: list[Article] = []
        self.copies: dict[str, JudgedArticle] = {}
        self.alerts: dict[str, Alert] = {}
        self.dead: list[str] = []
        self._titles: dict[str, tuple[str, str]] = {}  # URL and title or text, by id
        self._early: dict[str, list[Alert]] = {}  # those that came before their item, by its id
        self.stored: dict[str, StoredItem] = {}
        self.first: dict[str, StoredItem] = {}
        self.feeds: Sequence[FeedStatus] = ()
        self.quiet_since = time.monotonic()
        self.is_at_work = False

    async def follow_topics(self, bus: Bus) -> None:
        """Until cancelled."""
        topics = [f"{self._prefix}.{topic}" for topic in TOPICS]
        async with bus.subscribe(topics, group=f"{self._prefix}.demo") as subscription:
            async for batch in subscription:
                for record in batch:
                    self._take(record)
                await patiently(lambda batch=batch: subscription.commit(batch), health=self._health)  # type: ignore[misc]

    async def follow_database(self, database: Database) -> None:
        """Until cancelled."""
        while True:
            await patiently(lambda: self.look(database), health=self._health)
            await asyncio.sleep(BETWEEN_LOOKS.total_seconds())

    async def look(self, database: Database) -> None:
        """Take what was stored since the last look, how the feeds do, and whether more is under way."""
        for item in await database.items.after(self._seq, limit=LOOK_LIMIT):
            self._seq = item.seq
            self.stored[item.event.id] = item
            self.first.setdefault(item.event.id, item)
            self.quiet_since = time.monotonic()
        self.feeds = await database.feeds.status()
        self.is_at_work = await is_due_soon(database, self._kinds, now=datetime.now(UTC))

    @property
    def quiet_seconds(self) -> float:
        """For how long nothing new has come."""
        return time.monotonic() - self.quiet_since

    def _take(self, record: Consumed) -> None:
        if record.topic == f"{self._prefix}.dead":
            self.quiet_since = time.monotonic()
            self.dead.append(f"{header(record, 'dead_reason')}: {header(record, 'dead_error')}")
            self._tell(Happening(what="dead", url=header(record, "ce_subject"), text=self.dead[-1]))
            return
        event = to_event(record)
        key = event.capture if isinstance(event, JudgedArticle | events.JudgedComment) else record.value.hex()
        if key in self._captures:  # delivery is at least once
            return
        self._captures.add(key)
        self.quiet_since = time.monotonic()
        self._keep(event)

    def _keep(self, event: events.Event) -> None:
        match event:
            case Article():
                if event.verdict.kind == "revision":
                    self.revisions.append(event)
                self._show(event, event.verdict.kind, event.title, ", ".join(event.verdict.changed))
            case Comment():
                self._show(event, "comment", event.text, event.author)
            case JudgedArticle():
                self.copies[event.url] = event
                self._show(event, "copy", event.title, f"{event.verdict.how} {event.verdict.score or 0:.0%}")
            case Alert():
                self.alerts[event.id] = event
                self._show_alert(event)
            case _:
                pass

    def _show(self, event: JudgedArticle | Comment, what: str, text: str, detail: str) -> None:
        self._titles[event.id] = (event.url, text)
        regions = tuple(region.code for region in event.regions) if isinstance(event, Article | Comment) else ()
        self._tell(Happening(what=what, url=event.url, regions=regions, text=text, detail=detail))
        for alert in self._early.pop(event.id, ()):
            self._show_alert(alert)

    def _show_alert(self, alert: Alert) -> None:
        """With the title of what raised it, so not before that: topics have no order among them."""
        if alert.item not in self._titles:
            self._early.setdefault(alert.item, []).append(alert)
            return
        url, text = self._titles[alert.item]
        self._tell(Happening(what="alert", url=url, text=text, detail=alert.rule))
