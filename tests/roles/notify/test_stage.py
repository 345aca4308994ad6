"""Telling whom the rules name, against a real database and log."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from tests.contracts.samples import NOW, a_comment, an_article
from tests.contracts.statements import executed
from tests.roles.notify.samples import endpoint, in_force, rule
from wiredesk import pipeline
from wiredesk.bus.records import to_event, to_record
from wiredesk.bus.sqlite import SqliteBus
from wiredesk.database import Database, open_database
from wiredesk.database.alerts import WEBHOOK
from wiredesk.database.feeds import FeedSubscription
from wiredesk.events import Alert, Article, Comment, Story, StoryChanged, Times
from wiredesk.fates import Fate, Passed, Received
from wiredesk.observe import Health
from wiredesk.roles.notify.rules_file import InForce
from wiredesk.roles.notify.stage import Notify
from wiredesk.roles.reads import NOTIFY
from wiredesk.stop import Stop

DAY = timedelta(days=1)


@dataclass
class Desk:
    """The stage with its database, and rules that may change."""

    database: Database
    in_force: InForce
    nudges: list[None] = field(default_factory=list)
    max_age: timedelta = DAY

    def stage(self) -> Notify:
        return Notify(
            self.database,
            in_force=lambda: self.in_force,
            max_age=self.max_age,
            nudge=lambda: self.nudges.append(None),
            now=lambda: NOW,
        )

    async def fates(self, *items: Article | Comment | StoryChanged) -> Sequence[Fate]:
        return await self.stage()([received(item) for item in items])

    async def alerts(self, *items: Article | Comment | StoryChanged) -> list[Alert]:
        """What these items lead to."""
        fates = await self.fates(*items)
        outputs = [output for fate in fates if isinstance(fate, Passed) for output in fate.outputs]
        return [output for output in outputs if isinstance(output, Alert)]

    async def reason(self, item: Article | Comment | StoryChanged) -> str:
        (fate,) = await self.fates(item)
        return fate.reason

    async def deliveries(self) -> list[str]:
        return [f"{one.rule} {one.item} {one.endpoint}" for one in await self.database.alerts.list()]


def received(item: Article | Comment | StoryChanged) -> Received[Article | Comment | StoryChanged]:
    return Received(value=item, topic="t.articles", partition=0, offset=0, headers=(), at=NOW)


def joined(item: Article, story: str) -> StoryChanged:
    facts = Story(id=story, sources=2, items=2, first_seen=NOW)
    return StoryChanged(id=story, item=item.id, source=item.source, story=facts, times=item.times)


def seen(item: Article, *, published: timedelta) -> Article:
    return msgspec.structs.replace(item, times=Times(published=NOW - published, seen=NOW, collected=NOW))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_database(f"sqlite:///{tmp_path / 'database.sqlite'}", schema="t") as database:
        yield Desk(database=database, in_force=in_force(endpoint(), rule()))


async def test_a_match_is_an_alert_and_a_webhook_that_is_due(desk: Desk) -> None:
    (alert,) = await desk.alerts(an_article(story="s1"))

    assert (alert.rule, alert.item, alert.story, alert.reason) == ("rain", "a1", "s1", "new")
    assert await desk.deliveries() == ["rain a1 ops"]
    assert await desk.database.due.next_due(WEBHOOK) == NOW
    assert desk.nudges


async def test_what_matches_nothing_ends_here(desk: Desk) -> None:
    assert await desk.reason(an_article(text="Sun.", title="Sun")) == "no match"
    assert await desk.deliveries() == []


async def test_a_story_is_told_once_whoever_tells_it(desk: Desk) -> None:
    (alert,) = await desk.alerts(an_article(story="s1"), an_article("a2", text="Heavy rain.", story="s1"))

    assert alert.item == "a1"
    assert await desk.reason(an_article("a3", text="More rain.", story="s1")) == "told already"
    assert await desk.deliveries() == ["rain a1 ops"]


async def test_each_rule_tells_of_its_own(desk: Desk) -> None:
    desk.in_force = in_force(endpoint(), rule(), rule("town", "town"), rule("snow", "snow"))

    alerts = await desk.alerts(an_article())

    assert [alert.rule for alert in alerts] == ["rain", "town"]


async def test_a_revision_alerts_only_when_it_newly_matches(desk: Desk) -> None:
    desk.in_force = in_force(endpoint(), rule(), rule("flood", "flood"))
    await desk.fates(an_article(story="s1"))

    (alert,) = await desk.alerts(an_article(text="Rain fell. A flood is feared.", story="s1"))

    assert alert.rule == "flood"


async def test_a_comment_is_told_under_its_articles_story(desk: Desk) -> None:
    article, comment = an_article("a2", text="Sun.", title="Sun", story="s1"), a_comment(article_id="a2", text="Rain!")
    await desk.database.items.put([article], now=NOW)

    (alert,) = await desk.alerts(comment)

    assert (alert.story, alert.reason) == ("s1", "comment")
    assert await desk.alerts(an_article("a3", story="s1")) == []


async def test_a_comment_on_what_was_told_is_no_news(desk: Desk) -> None:
    await desk.fates(an_article("a2", story="s1"))

    assert await desk.reason(a_comment(article_id="a2", text="Rain!")) == "told already"


async def test_of_an_article_and_its_comment_in_one_batch_the_article_is_the_news(desk: Desk) -> None:
    (alert,) = await desk.alerts(a_comment(article_id="a2", text="Rain!"), an_article("a2", story="s1"))

    assert alert.item == "a2"


async def test_a_comment_that_came_before_its_article_is_the_only_news(desk: Desk) -> None:
    comment = a_comment(article_id="a2", text="Rain!")
    (alert,) = await desk.alerts(comment)
    assert alert.story == "a2"

    assert await desk.reason(an_article("a2", story="s1")) == "told already"
    assert await desk.alerts(comment, joined(an_article("a2"), "s1")) == [alert]
    assert await desk.deliveries() == ["rain c1 ops"]


async def test_stories_raise_no_alert(desk: Desk) -> None:
    assert await desk.reason(joined(an_article(), "s1")) == "story"


async def test_an_old_entry_alerts_nobody(desk: Desk) -> None:
    assert await desk.reason(seen(an_article(), published=2 * DAY)) == "too old"
    assert await desk.deliveries() == []


async def test_an_old_entry_alerts_where_the_limit_is_off(desk: Desk) -> None:
    desk.max_age = timedelta()

    assert await desk.reason(seen(an_article(), published=2 * DAY)) == "alerted"


async def test_an_old_entry_alerts_where_its_feed_was_added_with_what_it_held(desk: Desk) -> None:
    article = seen(an_article(), published=2 * DAY)
    await desk.database.feeds.add(FeedSubscription(url=article.feed, origin="command", added_at=NOW, backfill=True))

    assert await desk.reason(article) == "alerted"


async def test_however_many_feeds_are_new_one_question_says_which_were_added_with_what_they_held(desk: Desk) -> None:
    articles = [
        msgspec.structs.replace(
            seen(an_article(f"a{number}", story=f"s{number}"), published=2 * DAY), feed=f"https://{number}.example/rss"
        )
        for number in range(9)
    ]
    for article in articles[::2]:
        await desk.database.feeds.add(FeedSubscription(url=article.feed, origin="command", added_at=NOW, backfill=True))

    with executed() as statements:
        alerts = await desk.alerts(*articles)

    assert [alert.item for alert in alerts] == ["a0", "a2", "a4", "a6", "a8"]
    assert sum("FROM feeds" in statement for statement in statements) == 1


async def test_a_replay_publishes_the_same_alert_and_sends_nothing_more(desk: Desk) -> None:
    first = await desk.alerts(an_article(story="s1"))
    desk.in_force = in_force(endpoint())

    again = await desk.alerts(an_article(story="s1"), an_article("a2", text="More rain.", story="s1"))

    assert again == first
    assert await desk.deliveries() == ["rain a1 ops"]


async def test_killed_before_publishing_the_alert_is_published_by_the_replay(desk: Desk, tmp_path: Path) -> None:
    """The database has it, the log has not: the worst instant."""
    articles = [an_article(f"a{number}", story=f"s{number}") for number in range(3)]
    for article in articles:
        await desk.fates(article)

    async with SqliteBus(tmp_path / "bus.sqlite") as bus:
        await bus.publish([to_record(one, prefix="t", role="geotag", now=NOW, traceparent="") for one in articles])
        await run_through(desk, bus, alerts=3)
        published = [to_event(record) async for record in bus.browse("t.alerts")]

    assert sorted(alert.item for alert in published if isinstance(alert, Alert)) == ["a0", "a1", "a2"]
    assert len(await desk.deliveries()) == 3


async def run_through(desk: Desk, bus: SqliteBus, *, alerts: int) -> None:
    """Run the role until so many alerts are published."""
    step: pipeline.Step[Article | Comment | StoryChanged] = pipeline.Step(
        role="notify", prefix="t", reads=NOTIFY.topics, accepts=NOTIFY.accepts
    )
    stop, stage = Stop(), desk.stage()
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(pipeline.run(step, stage, bus, health=Health("notify"), stop=stop))
        async with bus.subscribe(["t.alerts"], group="test") as subscription:
            came = 0
            async for batch in subscription:
                came += len(batch)
                await subscription.commit(batch)
                if came >= alerts:
                    break
        stop.ask()
