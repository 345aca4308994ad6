"""Sending a webhook, to a real receiver with every bad habit."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.roles.notify.desk import SOON, START, Desk, S
from tests.roles.notify.samples import endpoint, in_force, is_signed
from tests.web import Page
from wiredesk.database.alerts import WEBHOOK
from wiredesk.database.due import Job
from wiredesk.outbound.door import Door
from wiredesk.roles.notify.sender import LIMIT


async def test_a_webhook_is_signed_and_delivered_once(desk: Desk) -> None:
    await desk.receiver(Page())
    await desk.alert()

    await desk.send()
    await desk.send()

    (asked,) = desk.site.requests
    assert (asked.method, json.loads(asked.body)["type"]) == ("POST", "wiredesk.alert")
    assert asked.headers["Content-Type"] == "application/json"
    assert asked.headers["webhook-id"] == "a-ops"
    assert asked.headers["webhook-timestamp"] == str(int(START.timestamp()))
    assert is_signed(asked)
    delivery = await desk.only()
    assert (delivery.status, delivery.tries, delivery.status_code, delivery.next_at) == ("delivered", 1, 200, None)


async def test_a_retry_has_the_same_id_and_bytes_and_the_time_of_its_own(desk: Desk) -> None:
    await desk.receiver(Page(status=500), Page())
    await desk.alert()

    await desk.send()
    waited = await desk.wait_for_next()
    await desk.send()

    first, second = desk.site.requests
    assert waited == 5 * S
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 5
    assert is_signed(first)
    assert is_signed(second)
    assert (await desk.only()).tries == 2


DATED = {"Date": "Tue, 06 Jan 2026 09:00:00 GMT", "Retry-After": "Tue, 06 Jan 2026 09:02:00 GMT"}


@pytest.mark.parametrize(
    ("page", "reason", "wait"),
    [
        pytest.param(Page(status=500), "answered 500", 5 * S, id="500"),
        pytest.param(Page(status=404), "answered 404", 5 * S, id="404"),
        pytest.param(Page(status=429, retry_after="120"), "answered 429", 120 * S, id="429 in seconds"),
        pytest.param(Page(status=429, headers=DATED), "answered 429", 120 * S, id="429 until a date, by its clock"),
        pytest.param(Page(status=429), "answered 429", 60 * S, id="429 without a time"),
        pytest.param(Page(status=503, retry_after="7"), "answered 503", 7 * S, id="503"),
        pytest.param(
            Page(status=302, redirect_to="/elsewhere"), "answered 302: redirects are not followed", 5 * S, id="302"
        ),
        pytest.param(
            Page(status=308, redirect_to="/elsewhere"), "answered 308: redirects are not followed", 5 * S, id="308"
        ),
    ],
)
async def test_a_failure_is_tried_again(desk: Desk, page: Page, reason: str, wait: timedelta) -> None:
    await desk.receiver(page)
    await desk.alert()

    await desk.send()

    delivery = await desk.only()
    assert (delivery.status, delivery.reason, delivery.tries) == ("waiting", reason, 1)
    assert await desk.wait_for_next() == wait
    assert desk.site.count("/elsewhere") == 0


BROKEN = {
    "cut off": Page(body=b"half of it", cut_off=True),
    "never closes": Page(body=b"never to the end", hangs=True),
    "of another encoding": Page(body=b"no gzip at all", headers={"Content-Encoding": "gzip"}),
    "endless": Page(body=b"x" * 5_000_000),
}


@pytest.mark.parametrize("page", BROKEN.values(), ids=BROKEN)
async def test_who_said_that_it_was_taken_is_not_sent_it_again_whatever_body_follows(desk: Desk, page: Page) -> None:
    await desk.receiver(page)
    await desk.alert()
    desk.timeout = SOON

    async with asyncio.timeout(10):
        await desk.send()

    delivery = await desk.only()
    assert (delivery.status, delivery.status_code, delivery.tries) == ("delivered", 200, 1)


@pytest.mark.parametrize("page", BROKEN.values(), ids=BROKEN)
async def test_a_refusal_is_a_refusal_whatever_body_follows(desk: Desk, page: Page) -> None:
    await desk.receiver(replace(page, status=503, retry_after="7"))
    await desk.alert()

    await desk.send()

    assert ((await desk.only()).reason, await desk.wait_for_next()) == ("answered 503", 7 * S)


async def test_who_hangs_is_left_in_time_and_tried_again(desk: Desk) -> None:
    await desk.receiver(Page(hangs_before=True))
    await desk.alert()
    desk.timeout = SOON

    async with asyncio.timeout(5):
        await desk.send()

    delivery = await desk.only()
    assert (delivery.status, delivery.reason) == ("waiting", "no answer: timeout")


async def test_nobody_there_is_a_failure(desk: Desk) -> None:
    await desk.receiver(Page())
    gone = desk.in_force.rules.endpoints["ops"].url.replace("127.0.0.1", "127.0.0.9")
    desk.in_force = in_force(endpoint("ops", gone))
    await desk.alert()

    await desk.send()

    assert (await desk.only()).reason == "no answer: refused"


async def test_a_private_address_is_not_dialled(desk: Desk) -> None:
    await desk.receiver(Page())
    await desk.alert()
    async with Door() as desk.door:
        await desk.send()

    assert (await desk.only()).reason == "no answer: not_allowed"
    assert desk.site.requests == []


async def test_after_the_last_try_the_delivery_is_failed_and_kept(desk: Desk) -> None:
    await desk.receiver(Page(status=500))
    await desk.alert()

    waits = []
    for _ in range(9):
        await desk.send()
        waits.append(await desk.wait_for_next())
    await desk.send()

    assert sum(waits, timedelta()) == timedelta(hours=75, minutes=35, seconds=5)
    delivery = await desk.only()
    assert (delivery.status, delivery.tries, delivery.next_at) == ("failed", 10, None)
    assert "the last of 10 tries" in delivery.reason
    assert await desk.database.due.next_due(WEBHOOK) is None
    assert len({asked.body for asked in desk.site.requests}) == 1


async def test_killed_between_try_and_note_the_same_is_sent_again(desk: Desk) -> None:
    await desk.receiver(Page(hangs_before=True), Page())
    await desk.alert()
    (job,) = await desk.jobs()
    async with asyncio.TaskGroup() as tasks:
        trying = tasks.create_task(desk.sender()(job))
        await desk.site.wait_for("/ops")
        trying.cancel()

    desk.now += LIMIT
    await desk.send()

    first, second = desk.site.requests
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert is_signed(second)
    assert (await desk.only()).status == "delivered"


async def test_our_own_failure_counts_as_a_try_and_loses_nothing(desk: Desk) -> None:
    await desk.receiver(Page())
    await desk.alert()
    (job,) = await desk.jobs()

    await desk.sender().give_up(job, ValueError("a bug"))

    delivery = await desk.only()
    assert (delivery.status, delivery.reason, delivery.tries) == ("waiting", "failed here: ValueError('a bug')", 1)


async def test_a_due_row_without_its_delivery_goes(desk: Desk) -> None:
    await desk.database.due.put([Job(kind=WEBHOOK, key="stray", host="ops", due=desk.now)])

    await desk.send()

    assert await desk.database.due.next_due(WEBHOOK) is None
