from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.contracts.samples import NOW, an_article, times_at
from wiredesk.backends import topics_of
from wiredesk.bus import Record
from wiredesk.bus.open import open_bus
from wiredesk.bus.records import to_record
from wiredesk.config import Config
from wiredesk.database import open_database
from wiredesk.database.due import Job
from wiredesk.demo.watch import Happening, Watch
from wiredesk.events import Alert, Event
from wiredesk.roles.pages.look.jobs import PAGE


def record(event: Event) -> Record:
    return to_record(event, prefix="wiredesk", role="notify", now=NOW, traceparent="")


async def test_an_alert_that_comes_before_its_item_is_told_with_its_title_all_the_same(tmp_path: Path) -> None:
    told: asyncio.Queue[Happening] = asyncio.Queue()
    alert = Alert(id="r-s", rule="high-water", query="flood", item="a1", story="s", times=times_at(NOW))
    async with open_bus(f"sqlite:///{tmp_path / 'bus.sqlite'}") as bus, asyncio.TaskGroup() as tasks:
        await bus.apply(topics_of(Config()))
        following = tasks.create_task(Watch(prefix="wiredesk", tell=told.put_nowait).follow_topics(bus))

        await bus.publish([record(alert), record(an_article("a1", title="Flood"))])

        async with asyncio.timeout(10):
            seen = [await told.get(), await told.get()]
        following.cancel()

    assert [(one.what, one.text, one.detail) for one in seen] == [
        ("new", "Flood", ""),
        ("alert", "Flood", "high-water"),
    ]


async def test_a_page_that_is_due_is_work_under_way_and_one_of_tomorrow_is_not(tmp_path: Path) -> None:
    watch, now = Watch(prefix="wiredesk", tell=lambda happening: None, kinds=[PAGE]), datetime.now(UTC)
    async with open_database(f"sqlite:///{tmp_path / 'database.sqlite'}", schema="") as database:
        await database.due.put([Job(kind=PAGE, key="tomorrow", host="h", due=now + timedelta(days=1))])
        await watch.look(database)
        assert not watch.is_at_work

        await database.due.put([Job(kind=PAGE, key="now", host="h", due=now)])
        await watch.look(database)
        assert watch.is_at_work
