"""Sending webhooks, to a real receiver with every bad habit."""

import asyncio
import ipaddress
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.roles.notify.samples import endpoint, in_force, is_signed, rule
from tests.web import Page, Site
from wiredesk.database import Database, open_database
from wiredesk.database.alerts import WEBHOOK, Delivery, Endpoint, Raised
from wiredesk.database.due import Job
from wiredesk.dispatch import Dispatcher, Duty
from wiredesk.observe import Health
from wiredesk.outbound.door import Door
from wiredesk.roles.notify.file import InForce
from wiredesk.roles.notify.sender import LEASE, Parts, Sender
from wiredesk.stop import Stop

START = datetime(2026, 1, 6, 12, tzinfo=UTC)
SOON = timedelta(seconds=0.3)
S = timedelta(seconds=1)


@dataclass
class Desk:
    """A sender with all it works with, and a clock that stands still until moved."""

    site: Site
    database: Database
    door: Door
    now: datetime = START
    timeout: timedelta = 5 * S
    in_force: InForce = field(default_factory=InForce)

    async def endpoints(self, *paths: str) -> None:
        """An endpoint for each path, of that name."""
        self.in_force = in_force(
            *(endpoint(path.strip("/"), f"{self.site.url}{path}") for path in paths), rule(endpoints="[]")
        )
        known = self.in_force.rules.endpoints.values()
        await self.database.alerts.sync_endpoints(
            [Endpoint(name=one.name, url=one.url, secret=one.secret.reference) for one in known]
        )

    async def receiver(self, *pages: Page) -> None:
        """One endpoint `ops`, which answers so."""
        self.site.serve("/ops", *pages)
        await self.endpoints("/ops")

    async def alert(self, name: str = "a", *, endpoints: Sequence[str] = ("ops",)) -> None:
        body = json.dumps({"type": "wiredesk.alert", "data": {"id": name}}).encode()
        one = Raised(id=name, rule="r", story=name, item="i", capture=name, body=body, endpoints=tuple(endpoints))
        await self.database.alerts.raise_all([one], captures=[name], now=self.now)

    def sender(self) -> Sender:
        return Sender(
            Parts(
                alerts=self.database.alerts, door=self.door, in_force=lambda: self.in_force, now=lambda: self.now,
                timeout=self.timeout, jitter=lambda: 1.0,
            )
        )  # fmt: skip

    async def jobs(self) -> Sequence[Job]:
        return await self.database.due.lease(WEBHOOK, limit=99, per_host=99, now=self.now, until=self.now + LEASE)

    async def send(self) -> None:
        """Work on everything that is due."""
        async with asyncio.TaskGroup() as tasks:
            for job in await self.jobs():
                tasks.create_task(self.sender()(job))

    async def wait_for_next(self) -> timedelta:
        """Move the clock to the next try; how far that is."""
        due = await self.database.due.next_due(WEBHOOK)
        assert due is not None
        waited, self.now = due - self.now, due
        return waited

    async def log(self) -> Sequence[Delivery]:
        return await self.database.alerts.list()

    async def only(self) -> Delivery:
        (delivery,) = await self.log()
        return delivery


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(Site())
        database = await stack.enter_async_context(
            open_database(f"sqlite:///{tmp_path / 'database.sqlite'}", schema="t")
        )
        door = await stack.enter_async_context(Door(allow=[ipaddress.ip_network("127.0.0.0/8")]))
        yield Desk(site=site, database=database, door=door)


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
        pytest.param(Page(body=b"half of it", cut_off=True), "no answer: reset", 5 * S, id="cut off"),
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


@pytest.mark.parametrize(
    "page", [Page(hangs_before=True), Page(body=b"never to the end", hangs=True)], ids=["hangs", "never closes"]
)
async def test_who_hangs_is_left_in_time_and_tried_again(desk: Desk, page: Page) -> None:
    await desk.receiver(page)
    await desk.alert()
    desk.timeout = SOON

    async with asyncio.timeout(5):
        await desk.send()

    delivery = await desk.only()
    assert (delivery.status, delivery.reason) == ("waiting", "no answer: timeout")


async def test_who_hangs_again_and_again_is_left_alone_until_he_answers(desk: Desk) -> None:
    await desk.receiver(Page(hangs_before=True))
    for number in range(6):
        await desk.alert(f"a{number}")
    desk.timeout = SOON

    for job in (await desk.jobs())[:5]:
        await desk.sender()(job)
    (ops,) = await desk.database.alerts.endpoints()
    assert (ops.silences, ops.paused_until) == (5, START + 15 * S)
    desk.now += LEASE
    desk.site.serve("/ops", Page(status=500))
    await desk.send()

    (ops,) = await desk.database.alerts.endpoints()
    assert ops.silences == 0


async def test_of_an_endless_answer_the_beginning_is_read(desk: Desk) -> None:
    await desk.receiver(Page(body=b"x" * 5_000_000))
    await desk.alert()

    await desk.send()

    assert (await desk.only()).status == "delivered"


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
        "failed", "endpoint ops is disabled: answered 410: gone", 0,
    )  # fmt: skip
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

    desk.now += LEASE
    await desk.send()

    first, second = desk.site.requests
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert is_signed(second)
    assert (await desk.only()).status == "delivered"


async def test_an_endpoint_that_our_file_lacks_is_tried_again_as_another_may_know_it(desk: Desk) -> None:
    await desk.receiver(Page())
    await desk.alert(endpoints=["new"])

    await desk.send()

    delivery = await desk.only()
    assert (delivery.status, delivery.reason) == ("waiting", "no endpoint new in the rules file")


async def test_our_own_failure_counts_as_a_try_and_loses_nothing(desk: Desk) -> None:
    await desk.receiver(Page())
    await desk.alert()
    (job,) = await desk.jobs()

    await desk.sender().give_up(job, ValueError("a bug"))

    delivery = await desk.only()
    assert (delivery.status, delivery.reason, delivery.tries) == ("waiting", "failed here: ValueError('a bug')", 1)


async def test_a_due_row_without_its_delivery_goes(desk: Desk) -> None:
    await desk.database.due.put([Job(kind=WEBHOOK, key="stray", host="ops", due=desk.now, payload=b"")])

    await desk.send()

    assert await desk.database.due.next_due(WEBHOOK) is None


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
        kind=WEBHOOK, work=sender, give_up=sender.give_up, concurrency=16, per_host=2, lease=LEASE,
        now=lambda: desk.now,
    )  # fmt: skip

    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(Dispatcher(duty, desk.database.due, health=Health("notify")).run(stop))
        async with asyncio.timeout(1.5):
            for name in names[2:]:
                await desk.site.wait_for(f"/{name}", times=10)
        stop.ask()

    by_endpoint = {name: [one.status for one in await desk.database.alerts.list(endpoint=name)] for name in names}
    assert all(by_endpoint[name] == ["delivered"] * 10 for name in names[2:])
    assert all("delivered" not in by_endpoint[name] for name in names[:2])
