"""`wiredesk deliveries`."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cli.desk import Desk
from tests.contracts.raising import one_job, ops, raise_all, raised
from tests.contracts.samples import NOW
from wiredesk.database import Database
from wiredesk.database.alerts import Attempt

BODY = b'{"type":"wiredesk.alert","data":{"id":"r-s"}}'


async def failed(database: Database) -> None:
    """A webhook that got 410 for an answer, and one that waits."""
    await database.alerts.sync_endpoints([ops()])
    await raise_all(database, raised(body=BODY))
    note = Attempt(
        job=await one_job(database),
        status="failed",
        at=NOW,
        reason="answered 410: gone",
        status_code=410,
        disables="answered 410",
    )
    await database.alerts.noted(note)
    await raise_all(database, raised("r-t", capture="c2", endpoints=["desk"]))


def test_deliveries_are_listed_by_status_and_endpoint(desk: Desk) -> None:
    desk.with_database(failed)

    assert len(desk.lines("deliveries", "list")) == 2
    assert [one["id"] for one in desk.lines("deliveries", "list", "--status", "failed")] == ["r-s-ops"]
    assert [one["id"] for one in desk.lines("deliveries", "list", "--endpoint", "desk")] == ["r-t-desk"]
    assert len(desk.lines("deliveries", "list", "--limit", "1")) == 1


def test_the_table_says_why_a_webhook_failed(desk: Desk) -> None:
    desk.with_database(failed)

    out = desk("deliveries", "list").out

    assert "answered 410: gone" in out


def test_a_delivery_is_shown_with_its_body_and_its_endpoint_s_state(desk: Desk) -> None:
    desk.with_database(failed)

    shown = desk("deliveries", "show", "r-s-ops").out
    (told,) = desk.lines("deliveries", "show", "r-s-ops")

    assert "status_code: 410" in shown
    assert '"id": "r-s"' in shown
    assert told["body"] == BODY.decode()
    assert str(told["endpoint_state"]).startswith("disabled since 2026-11-24")


def test_a_retry_makes_it_due_at_once_and_its_endpoint_takes_webhooks_again(desk: Desk) -> None:
    desk.with_database(failed)

    ended = desk("deliveries", "retry", "r-s-ops")

    assert ended.status == 0
    waiting = desk.lines("deliveries", "list", "--status", "waiting", "--endpoint", "ops")
    assert [one["id"] for one in waiting] == ["r-s-ops"]
    (endpoint,) = desk.lines("deliveries", "endpoints")
    assert (endpoint["disabled_at"], endpoint["state"]) == (None, "failing: answered 410: gone (1 try)")


def test_an_endpoint_that_answers_500_is_not_ok_until_it_takes_one(desk: Desk) -> None:
    async def refuse(database: Database) -> None:
        await database.alerts.sync_endpoints([ops()])
        await raise_all(database, raised())
        for number in range(4):
            job = await one_job(database)
            note = Attempt(
                job=job, status="waiting", at=NOW + timedelta(seconds=number), reason="answered 500", next_at=NOW
            )
            await database.alerts.noted(note)

    async def accept(database: Database) -> None:
        note = Attempt(job=await one_job(database), status="delivered", at=NOW + timedelta(minutes=1))
        await database.alerts.noted(note)

    desk.with_database(refuse)
    assert [one["state"] for one in desk.lines("deliveries", "endpoints")] == ["failing: answered 500 (4 tries)"]
    assert desk.lines("deliveries", "show", "r-s-ops")[0]["endpoint_state"] == "failing: answered 500 (4 tries)"

    desk.with_database(accept)
    assert [one["state"] for one in desk.lines("deliveries", "endpoints")] == ["ok"]


def test_a_paused_endpoint_says_until_when(desk: Desk) -> None:
    async def pause(database: Database) -> None:
        await database.alerts.sync_endpoints([ops()])
        await raise_all(database, raised())
        until = NOW + timedelta(days=36_500)
        await database.alerts.noted(
            Attempt(job=await one_job(database), status="waiting", at=NOW, next_at=until, pauses_until=until)
        )

    desk.with_database(pause)

    assert "paused until" in desk("deliveries", "endpoints").out


@pytest.mark.parametrize("command", ["show", "retry"])
def test_a_delivery_that_is_not_known_is_one_line_and_status_1(desk: Desk, command: str) -> None:
    ended = desk("deliveries", command, "nine")

    assert ended.status == 1
    assert ended.err == "wiredesk: no delivery 'nine': `wiredesk deliveries list` shows them\n"


def test_a_status_that_there_is_not_is_wrong_use(desk: Desk) -> None:
    ended = desk("deliveries", "list", "--status", "lost")

    assert ended.status == 2
    assert "waiting, delivered, failed" in ended.err
