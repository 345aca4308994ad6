"""What sites let us fetch."""

import pytest

from wiredesk.outbound.door import Answer
from wiredesk.outbound.robots import KEPT, KEPT_AFTER_ERROR, LIMITS, MAX_SITES, Robots
from wiredesk.workers import WorkerLimits, Workers

PAGE = "https://paper.example/news/1"


class Server:
    """Answers for robots.txt, and the clock beside it."""

    def __init__(self, body: str = "", status: int = 200, *, limits: WorkerLimits = LIMITS) -> None:
        self.body, self.status = body, status
        self.fetched: list[str] = []
        self.seconds = 0.0
        self.robots = Robots(Workers(1), limits=limits, clock=lambda: self.seconds)

    async def allows(self, url: str, user_agent: str = "wiredesk") -> bool:
        return (await self.robots.rules(url, fetch=self._fetch)).allow(url, user_agent)

    async def _fetch(self, url: str) -> Answer:
        self.fetched.append(url)
        return Answer(status=self.status, url=url, headers={}, body=self.body.encode())


@pytest.mark.parametrize(
    ("rules", "is_allowed"),
    [
        ("", True),
        ("User-agent: *\nDisallow: /news/", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: wiredesk\nAllow: /", True),
        ("User-agent: *\nDisallow: /news/\nAllow: /news/1", True),  # the longest match decides
        ("User-agent: other\nDisallow: /", True),
        ("User-agent: *\nDisallow: /*/1$", False),
        ("User-agent: wiredesk\nNoindex: /x\nUser-agent: other\nDisallow: /news/", False),  # RFC 9309, 2.2.4
        ("User-agent: wiredesk\nContent-Signal: search=yes\nUser-agent: other\nDisallow: /news/", False),
        ("User-agent: other\nClean-param: ref\nUser-agent: wiredesk # ours\nDisallow: /news/ # why: so", False),
        ("User-agent: wiredesk\nAllow: /\nNoindex: /x\nUser-agent: other\nDisallow: /", True),
        ("User agent wiredesk\nNoindex: /x\nDissallow /news/", False),  # as the parser reads it
        ("<html>no rules at all</html>", True),
    ],
)
async def test_rules_are_heeded(rules: str, is_allowed: bool) -> None:
    assert await Server(rules).allows(PAGE) is is_allowed


@pytest.mark.parametrize(("status", "is_allowed"), [(404, True), (403, True), (429, False), (500, False), (503, False)])
async def test_no_file_allows_all_and_a_broken_server_nothing(status: int, is_allowed: bool) -> None:
    assert await Server(status=status).allows(PAGE) is is_allowed


async def test_rules_are_kept_a_day_for_each_site() -> None:
    server = Server("User-agent: *\nDisallow: /x")
    await server.allows(PAGE)
    await server.allows("https://paper.example/other")
    await server.allows("https://paper.example:8443/other")
    server.seconds = KEPT.total_seconds() + 1
    await server.allows(PAGE)

    first, with_port = "https://paper.example/robots.txt", "https://paper.example:8443/robots.txt"
    assert server.fetched == [first, with_port, first]


async def test_a_broken_server_is_asked_again_soon_and_known_rules_hold_meanwhile() -> None:
    server = Server("User-agent: *\nDisallow: /private")
    await server.allows(PAGE)
    server.seconds, server.status = KEPT.total_seconds() + 1, 500

    assert await server.allows(PAGE)
    assert not await server.allows("https://paper.example/private")
    server.seconds, server.status, server.body = server.seconds + KEPT_AFTER_ERROR.total_seconds() + 1, 200, ""
    assert await server.allows("https://paper.example/private")


async def test_memory_is_bounded() -> None:
    server = Server()
    for number in range(MAX_SITES + 1):
        await server.allows(f"https://h{number}.example/")

    await server.allows("https://h0.example/")

    assert server.fetched[-1] == "https://h0.example/robots.txt"
    assert len(server.fetched) == MAX_SITES + 2


async def test_half_a_megabyte_is_read_and_the_rest_ignored() -> None:
    server = Server("User-agent: *\nDisallow: /news/\n" + "#" * 600_000 + "\nUser-agent: wiredesk\nAllow: /")

    assert not await server.allows(PAGE)


LONG = "User-agent: *\n" + "\n".join(f"Disallow: /archive/{number:05}" for number in range(20_000))
SMALL = WorkerLimits(memory_bytes=2 * 1024 * 1024)


async def test_a_long_file_is_read_to_its_end() -> None:
    server = Server(LONG)

    assert [await server.allows(f"https://paper.example/archive/{number}") for number in (19_999, 20_000)] == [
        False,
        True,
    ]


async def test_a_file_that_cannot_be_read_within_limits_is_taken_for_a_broken_server() -> None:
    server = Server(LONG, limits=SMALL)

    assert not await server.allows(PAGE)
    server.body = "User-agent: *\nDisallow: /other"
    server.seconds = KEPT_AFTER_ERROR.total_seconds()
    assert await server.allows(PAGE)


async def test_known_rules_hold_while_a_new_file_cannot_be_read() -> None:
    server = Server("User-agent: *\nDisallow: /other", limits=SMALL)
    assert await server.allows(PAGE)

    server.body = LONG + "\nDisallow: /news"
    server.seconds = KEPT.total_seconds()
    assert await server.allows(PAGE)
    assert len(server.fetched) == 2
