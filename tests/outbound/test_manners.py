"""Turns, pauses and robots.txt before every request."""

import ipaddress
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta

import pytest

from tests.web import Page, Site
from wiredesk.outbound.door import Door, FetchFailed
from wiredesk.outbound.manners import LONGEST_PAUSE, Manners, NotYet, RobotsDenied

GAP = timedelta(milliseconds=1)
PATIENCE = timedelta(seconds=5)


class Turns:
    """The budgets of hosts, as far as they are paused."""

    def __init__(self) -> None:
        self.paused: dict[str, timedelta] = {}
        self.gaps: list[timedelta] = []

    async def take(self, host: str, *, gap: timedelta, patience: timedelta) -> timedelta:
        self.gaps.append(gap)
        return self.paused.get(host, timedelta())

    async def pause(self, host: str, *, wait: timedelta) -> None:
        self.paused[host] = wait

    async def waits(self, hosts: Sequence[str]) -> Mapping[str, timedelta]:
        return {host: self.paused.get(host, timedelta()) for host in hosts}


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with Site() as running:
        yield running


@pytest.fixture
def turns() -> Turns:
    return Turns()


@pytest.fixture
async def manners(turns: Turns) -> AsyncIterator[Manners]:
    async with Door(allow=[ipaddress.ip_network("127.0.0.0/8")]) as door:
        yield Manners(door, turns, gap=GAP, user_agent="wiredesk/0.1")


async def test_a_host_whose_turn_is_far_away_is_not_asked(site: Site, turns: Turns, manners: Manners) -> None:
    turns.paused["127.0.0.1"] = timedelta(minutes=3)

    with pytest.raises(NotYet) as caught:
        await manners.get(f"{site.url}/", robots=False, patience=PATIENCE)

    assert caught.value.wait == timedelta(minutes=3)
    assert site.requests == []


async def test_robots_are_asked_once_and_heeded(site: Site, manners: Manners) -> None:
    site.serve("/robots.txt", Page(body="User-agent: wiredesk\nDisallow: /private"))
    public, private = site.serve("/public", Page(body="yes")), site.serve("/private", Page(body="no"))

    assert (await manners.get(public, robots=True, patience=PATIENCE)).body == b"yes"
    with pytest.raises(RobotsDenied) as caught:
        await manners.get(private, robots=True, patience=PATIENCE)

    assert caught.value.reason == "robots"
    assert (site.count("/robots.txt"), site.count("/private")) == (1, 0)


async def test_feeds_given_by_the_operator_are_exempt(site: Site, manners: Manners) -> None:
    site.serve("/robots.txt", Page(body="User-agent: *\nDisallow: /"))

    answer = await manners.get(site.serve("/feed", Page(body="news")), robots=False, patience=PATIENCE)

    assert answer.body == b"news"
    assert site.count("/robots.txt") == 0


async def test_a_crawl_delay_widens_the_gap(site: Site, turns: Turns, manners: Manners) -> None:
    site.serve("/robots.txt", Page(body="User-agent: *\nCrawl-delay: 7"))
    site.serve("/", Page())

    await manners.get(f"{site.url}/", robots=True, patience=PATIENCE)

    assert turns.gaps[-1] == timedelta(seconds=7)


async def test_a_site_that_cannot_be_asked_for_its_rules_fails_as_itself(turns: Turns) -> None:
    async with Door() as shut:
        with pytest.raises(FetchFailed) as caught:
            await Manners(shut, turns, gap=GAP, user_agent="x").get(
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
    site: Site, turns: Turns, manners: Manners, status: int, said: str, wait: timedelta
) -> None:
    url = site.serve("/", Page(status=status, retry_after=said))

    answer = await manners.get(url, robots=False, patience=PATIENCE)

    assert answer.status == status
    assert turns.paused == {"127.0.0.1": wait}


async def test_a_host_that_stays_busy_is_left_longer_each_time(site: Site, turns: Turns, manners: Manners) -> None:
    url = site.serve("/", Page(status=503))
    waits = []
    for _ in range(3):
        turns.paused.clear()
        await manners.get(url, robots=False, patience=PATIENCE)
        waits.append(turns.paused["127.0.0.1"])

    assert waits == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]


async def test_other_errors_pause_nobody(site: Site, turns: Turns, manners: Manners) -> None:
    await manners.get(site.serve("/", Page(status=500)), robots=False, patience=PATIENCE)

    assert turns.paused == {}
