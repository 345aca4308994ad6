"""Alerts, unique by rule and story, on both databases."""

from __future__ import annotations

import asyncio

from tests.contracts.raising import MINUTE, lease, one_job, raise_all, raised
from tests.contracts.samples import NOW, an_article
from wiredesk.database import Database, alerts_rows
from wiredesk.database.alerts import WEBHOOK, Attempt

pytest_plugins = ("tests.contracts.databases",)


async def test_an_alert_is_due_at_each_endpoint_at_once(database: Database) -> None:
    told = await raise_all(database, raised(endpoints=("ops", "desk"), body=b"\x00body"))

    assert told == {"c1": [b"\x00body"]}
    jobs = await lease(database)
    assert sorted((job.key, job.host, job.due) for job in jobs) == [
        ("r-s-desk", "desk", NOW),
        ("r-s-ops", "ops", NOW),
    ]
    parcels = [await database.alerts.parcel(job.key) for job in jobs]
    assert {parcel.body for parcel in parcels if parcel} == {b"\x00body"}
    deliveries = await database.alerts.list()
    assert [(one.id, one.status, one.tries, one.next_at) for one in deliveries] == [
        ("r-s-desk", "waiting", 0, NOW),
        ("r-s-ops", "waiting", 0, NOW),
    ]


async def test_of_a_rule_and_a_story_the_first_alone_is_told(database: Database) -> None:
    assert await raise_all(database, raised(), raised(capture="c2", body=b"other")) == {"c1": [b"{}"]}

    assert await raise_all(database, raised(capture="c3", body=b"other")) == {}

    assert len(await lease(database)) == 1


async def test_a_replay_is_told_the_same_again_and_nothing_more_is_due(database: Database) -> None:
    await raise_all(database, raised(body=b"first"))
    await database.alerts.noted(Attempt(job=await one_job(database), status="delivered", at=NOW))

    assert await raise_all(database, raised(body=b"built anew")) == {"c1": [b"first"]}

    assert await lease(database) == []


async def test_a_replay_is_told_the_same_though_its_rule_has_gone(database: Database) -> None:
    await raise_all(database, raised())

    assert await database.alerts.raise_all([], captures=["c1", "c2"], now=NOW) == {"c1": [b"{}"]}
    assert await database.alerts.raise_all([], captures=["c2"], now=NOW) == {}


async def test_a_comment_replayed_when_its_story_is_known_is_told_once(database: Database) -> None:
    await raise_all(database, raised("r-a1", story="a1"))

    assert await raise_all(database, raised("r-s", story="s", body=b"other")) == {"c1": [b"{}"]}

    assert len(await database.alerts.list()) == 1


async def test_an_alert_is_needless_where_the_other_one_was_told(database: Database) -> None:
    await raise_all(database, raised("r-a1", story="a1"))

    assert await raise_all(database, raised("r-s", story="s", capture="c2", instead="r-a1")) == {}


async def test_many_who_tell_the_same_at_once_tell_it_once(database: Database) -> None:
    names = [f"r-{number}" for number in range(5)]
    wanted = [[raised(name, capture=f"{name} {who}") for name in names] for who in range(6)]

    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        running = [
            tasks.create_task(raise_all(database, *(mine if number % 2 else mine[::-1])))
            for number, mine in enumerate(wanted)
        ]

    assert sum(len(task.result()) for task in running) == 5
    assert len(await lease(database)) == 5


async def test_stories_are_known_from_what_is_stored_and_what_was_alerted_on(database: Database) -> None:
    await database.items.put([an_article("a2", story="s2"), an_article("a3")], now=NOW)
    await raise_all(database, raised())

    assert await database.alerts.stories_of(["a1", "a2", "a3", "a4"]) == {"a1": "s", "a2": "s2"}


async def test_old_alerts_are_forgotten_with_what_was_due(database: Database) -> None:
    await raise_all(database, raised())
    young = raised("r-t", capture="c2")
    await database.alerts.raise_all([young], captures=["c2"], now=NOW + MINUTE)

    assert await database.alerts.forget(before=NOW + MINUTE) == 1

    assert [one.alert_id for one in await database.alerts.list()] == ["r-t"]
    assert await database.due.remove(WEBHOOK, ["r-s-ops", "r-t-ops"]) == 1


async def test_what_is_erased_leaves_no_alert_and_nothing_due(database: Database) -> None:
    await raise_all(database, raised(), raised("r-t", capture="c2", item="a2"))

    erased = await database._transactions.write(lambda connection: alerts_rows.erase(connection, ["a1", "a9"]))

    assert erased == 1
    assert [one.item for one in await database.alerts.list()] == ["a2"]
    assert [job.key for job in await lease(database)] == ["r-t-ops"]
