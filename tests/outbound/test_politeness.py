"""Turns, pauses and robots.txt before every request."""

import asyncio
import ipaddress
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.web import Page, Site
from wiredesk.outbound.door import Door, FetchFailed
from wiredesk.outbound.politeness import LONGEST_PAUSE, NotYet, PoliteClient, RobotsDenied
from wiredesk.state import State
from wiredesk.state.open import open_state
from wiredesk.workers import Workers

HOST = "127.0.0.1"

GAP = timedelta(milliseconds=1)
PATIENCE = timedelta(seconds=5)


class Turns:
    """The budgets of hosts in a real file, and what they hold."""

    def __init__(self, path: Path, state: State) -> None:
        self._path, self.hosts = path, state.hosts

    async def wait(self) -> timedelta:
        """How long the site is paused or spoken for."""
        return (await self.hosts.waits([HOST])).get(HOST, timedelta())

    def forget(self) -> None:
        """As when the state is lost."""
        with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
            connection.execute("DELETE FROM hosts")


def about(wait: timedelta) -> object:
    """Equal to a wait of which less than ten seconds have passed."""
    return pytest.approx(wait - timedelta(seconds=5), abs=timedelta(seconds=5.1))


@pytest.fixture
async def turns(tmp_path: Path) -> AsyncIterator[Turns]:
    path = tmp_path / "state.sqlite"
    async with open_state(f"sqlite:///{path}", prefix="t") as state:
        yield Turns(path, state)


@pytest.fixture
async def web_client(turns: Turns) -> AsyncIterator[PoliteClient]:
    async with Door(allow=[ipaddress.ip_network("127.0.0.0/8")]) as door:
        yield PoliteClient(door, turns.hosts, workers=Workers(1), gap=GAP, user_agent="wiredesk/0.1")


async def test_a_host_whose_turn_is_far_away_is_not_asked(site: Site, turns: Turns, web_client: PoliteClient) -> None:
    await turns.hosts.pause(HOST, wait=timedelta(minutes=3))

    with pytest.raises(NotYet) as caught:
        await web_client.get(f"{site.url}/", robots=False, patience=PATIENCE)

    assert caught.value.wait == about(timedelta(minutes=3))
    assert site.requests == []


async def test_robots_are_asked_once_and_heeded(site: Site, web_client: PoliteClient) -> None:
    site.serve("/robots.txt", Page(body="User-agent: wiredesk\nDisallow: /private"))
    public, private = site.serve("/public", Page(body="yes")), site.serve("/private", Page(body="no"))

    assert (await web_client.get(public, robots=True, patience=PATIENCE)).body == b"yes"
    with pytest.raises(RobotsDenied) as caught:
        await web_client.get(private, robots=True, patience=PATIENCE)

    assert caught.value.reason == "robots"
    assert (site.count("/robots.txt"), site.count("/private")) == (1, 0)


async def test_feeds_given_by_the_operator_are_exempt(site: Site, web_client: PoliteClient) -> None:
    site.serve("/robots.txt", Page(body="User-agent: *\nDisallow: /"))

    answer = await web_client.get(site.serve("/feed", Page(body="news")), robots=False, patience=PATIENCE)

    assert answer.body == b"news"
    assert site.count("/robots.txt") == 0


async def test_a_crawl_delay_widens_the_gap(site: Site, turns: Turns, web_client: PoliteClient) -> None:
    site.serve("/robots.txt", Page(body="User-agent: *\nCrawl-delay: 7"))
    site.serve("/", Page())

    await web_client.get(f"{site.url}/", robots=True, patience=PATIENCE)

    assert await turns.wait() == pytest.approx(timedelta(seconds=5), abs=timedelta(seconds=2.1))


async def test_a_site_that_cannot_be_asked_for_its_rules_fails_as_itself(turns: Turns) -> None:
    async with Door() as shut:
        with pytest.raises(FetchFailed) as caught:
            await PoliteClient(shut, turns.hosts, workers=Workers(1), gap=GAP, user_agent="x").get(
                "http://127.0.0.1:1/", robots=True, patience=PATIENCE
            )

    assert caught.value.reason == "not_allowed"


@pytest.mark.parametrize(
    ("status", "said", "wait"),
    [
        (429, "120", timedelta(minutes=2)),
        (503, "", timedelta(minutes=1)),
        (429, "rubbish", timedelta(minutes=1)),
        (503, str(10 * 86_400), LONGEST_PAUSE),
    ],
)
async def test_a_busy_host_is_paused(
    site: Site, turns: Turns, web_client: PoliteClient, status: int, said: str, wait: timedelta
) -> None:
    url = site.serve("/", Page(status=status, retry_after=said))

    answer = await web_client.get(url, robots=False, patience=PATIENCE)

    assert answer.status == status
    assert await turns.wait() == about(wait)


async def test_a_host_that_stays_busy_is_left_longer_each_time(
    site: Site, turns: Turns, web_client: PoliteClient
) -> None:
    url = site.serve("/", Page(status=503))
    waits = []
    for _ in range(3):
        await asyncio.to_thread(turns.forget)
        await web_client.get(url, robots=False, patience=PATIENCE)
        waits.append(await turns.wait())

    assert waits == [about(timedelta(minutes=1)), about(timedelta(minutes=2)), about(timedelta(minutes=4))]


async def test_other_errors_pause_nobody(site: Site, turns: Turns, web_client: PoliteClient) -> None:
    await web_client.get(site.serve("/", Page(status=500)), robots=False, patience=PATIENCE)

    assert await turns.wait() < timedelta(seconds=1)


async def test_a_redirect_is_followed_only_where_the_robots_of_its_host_allow_it(
    site: Site, web_client: PoliteClient
) -> None:
    async with Site("127.3.3.1") as other:
        other.serve("/robots.txt", Page(body="User-agent: *\nDisallow: /private"))
        private, public = other.serve("/private", Page(body="no")), other.serve("/public", Page(body="yes"))
        site.serve("/to-private", Page(status=302, redirect_to=private))
        site.serve("/to-public", Page(status=302, redirect_to=public))

        with pytest.raises(RobotsDenied):
            await web_client.get(f"{site.url}/to-private", patience=PATIENCE)
        answer = await web_client.get(f"{site.url}/to-public", patience=PATIENCE)

    assert answer.body == b"yes"
    assert (other.count("/robots.txt"), other.count("/private")) == (1, 0)


@pytest.mark.parametrize("robots", [True, False])
async def test_a_turn_is_taken_at_the_host_that_a_redirect_leads_to(
    site: Site, turns: Turns, web_client: PoliteClient, robots: bool
) -> None:
    async with Site("127.3.3.1") as other:
        url = site.serve("/", Page(status=302, redirect_to=other.serve("/", Page(body="there"))))
        await turns.hosts.pause("127.3.3.1", wait=timedelta(minutes=3))

        with pytest.raises(NotYet) as caught:
            await web_client.get(url, robots=robots, patience=PATIENCE)

        assert (caught.value.host, caught.value.wait) == ("127.3.3.1", about(timedelta(minutes=3)))
        assert other.requests == []


async def test_a_redirect_within_a_site_whose_turns_are_far_apart_arrives(site: Site, turns: Turns) -> None:
    """Else it came back for a second turn, took the first, and never got there."""
    site.serve("/", Page(status=302, redirect_to="/new"))
    site.serve("/new", Page(body="here"))

    async with Door(allow=[ipaddress.ip_network("127.0.0.0/8")]) as door:
        slow = PoliteClient(door, turns.hosts, workers=Workers(1), gap=timedelta(hours=1), user_agent="wiredesk")
        answer = await slow.get(f"{site.url}/", robots=False, patience=PATIENCE)

    assert answer.body == b"here"
