"""Endpoints that hang, pause, go or come: none holds up another."""

import asyncio

from tests.roles.notify.desk import SOON, START, Desk, S
from tests.web import Page
from wiredesk.database.alerts import WEBHOOK
from wiredesk.dispatch import Dispatcher, Duty
from wiredesk.observe import Health
from wiredesk.roles.notify.sender import LIMIT
from wiredesk.stop import Stop


async def test_who_hangs_again_and_again_is_left_alone_until_he_answers(desk: Desk) -> None:
    await desk.receiver(Page(hangs_before=True))
    for number in range(6):
        await desk.alert(f"a{number}")
    desk.timeout = SOON

    for job in (await desk.jobs())[:5]:
        await desk.sender()(job)
    (ops,) = await desk.database.alerts.endpoints()
    assert (ops.silences, ops.paused_until) == (5, START + 15 * S)
    desk.now += LIMIT
    desk.site.serve("/ops", Page(status=500))
    await desk.send()

    (ops,) = await desk.database.alerts.endpoints()
    assert ops.silences == 0


async def test_410_disables_the_endpoint_and_what_waits_for_it_fails(desk: Desk) -> None:
    await desk.receiver(Page(status=410))
    await desk.alert("a")
    await desk.send()
    await desk.alert("b")

    await desk.send()

    assert desk.site.count("/ops") == 1
    second, first = sorted(await desk.log(), key=lambda one: one.id, reverse=True)
    assert (first.status, first.reason, first.tries) == ("failed", "answered 410: gone", 1)
    assert (second.status, second.reason, second.tries) == (
        "failed",
        "endpoint ops is disabled: answered 410: gone",
        0,
    )
    assert [one.disabled_at for one in await desk.database.alerts.endpoints()] == [START]


async def test_a_retry_by_hand_enables_the_endpoint(desk: Desk) -> None:
    await desk.receiver(Page(status=410), Page())
    await desk.alert()
    await desk.send()

    assert await desk.database.alerts.retry("a-ops", now=desk.now)
    await desk.send()

    assert (await desk.only()).status == "delivered"
    first, second = desk.site.requests
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


async def test_an_endpoint_that_asks_for_a_pause_gets_nothing_meanwhile(desk: Desk) -> None:
    await desk.receiver(Page(status=429, retry_after="120"), Page())
    await desk.alert("a")
    await desk.send()
    await desk.alert("b")
    desk.now += 60 * S

    await desk.send()
    assert desk.site.count("/ops") == 1
    assert {(one.id, one.tries) for one in await desk.log()} == {("a-ops", 1), ("b-ops", 0)}

    assert await desk.wait_for_next() == 60 * S
    await desk.send()
    assert {one.status for one in await desk.log()} == {"delivered"}


async def test_an_endpoint_that_our_file_lacks_is_tried_again_as_another_may_know_it(desk: Desk) -> None:
    await desk.receiver(Page())
    await desk.alert(endpoints=["new"])

    await desk.send()

    delivery = await desk.only()
    assert (delivery.status, delivery.reason) == ("waiting", "no endpoint new in the rules file")


async def test_endpoints_that_hang_hold_up_no_other(desk: Desk) -> None:
    """All ten are one host: it is endpoints that are kept apart."""
    names = [f"e{number}" for number in range(10)]
    for number, name in enumerate(names):
        desk.site.serve(f"/{name}", Page(hangs_before=number < 2))
    await desk.endpoints(*(f"/{name}" for name in names))
    desk.timeout = 2 * S
    for number in range(10):
        await desk.alert(f"a{number}", endpoints=names)
    sender, stop = desk.sender(), Stop()
    duty = Duty(
        kind=WEBHOOK,
        work=sender,
        give_up=sender.give_up,
        concurrency=16,
        per_host=2,
        limit=LIMIT,
        now=lambda: desk.now,
    )

    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(Dispatcher(duty, desk.database.due, health=Health("notify")).run(stop))
        async with asyncio.timeout(1.5):
            for name in names[2:]:
                await desk.site.wait_for(f"/{name}", times=10)
        stop.ask()

    by_endpoint = {name: [one.status for one in await desk.database.alerts.list(endpoint=name)] for name in names}
    assert all(by_endpoint[name] == ["delivered"] * 10 for name in names[2:])
    assert all("delivered" not in by_endpoint[name] for name in names[:2])
