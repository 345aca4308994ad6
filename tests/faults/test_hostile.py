"""Healthy publishers among as many hostile ones: every healthy article arrives, and nobody notices but the log."""

from __future__ import annotations

import asyncio
import json
import statistics
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, suppress
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest
import yaml

from tests.faults.hostile import hostile, unasked
from tests.faults.ledger import HOOK, PATIENCE, alerting, stored
from tests.faults.press import Press
from tests.faults.replicas import ONE_EACH, Replicas, replicas
from tests.pipeline.running import wiredesk
from tests.web import Site
from wiredesk.container import MEBIBYTE
from wiredesk.events import Article

pytestmark = pytest.mark.faults

ROLES = Path(__file__).parents[2] / "k8s/base/roles"
LOT = 10
P99 = 0.2
LOOKED_EVERY = 0.1
PROBE = 5.0
"""Of one probe, whatever the p99: what kubelets have is a second or more."""

FEW = 300
"""Of so few times the p99 is about the worst, which on a busy machine tells of its neighbours."""


@pytest.mark.parametrize(
    ("env", "number"),
    [
        ("embedded", 10),
        ("embedded", 200),
        pytest.param("production", 200, marks=pytest.mark.servers),
    ],
    indirect=["env"],
)
async def test_a_hostile_press_keeps_no_healthy_article_from_anybody(
    env: dict[str, str], tmp_path: Path, number: int
) -> None:
    is_embedded = "WIREDESK_BUS_URL" not in env
    began = time.monotonic()
    async with Site() as site, hostile(number) as traps:
        press = Press(site=site)
        env |= alerting(site, tmp_path) | {"WIREDESK_FETCHERS": "32", "WIREDESK_WORKERS": "2"}
        for command in ("topics", "database"):
            assert (await wiredesk(command, "apply", env=env)).status == 0
        healthy = [press.lot(range(start, start + LOT)) for start in range(0, number, LOT)]
        async with replicas(env, tmp_path, ["all-0"] if is_embedded else ONE_EACH) as desk, watched(desk) as seen:
            assert (await wiredesk("feeds", "add", *traps, *healthy, env=env)).status == 0
            await until_told(site, press.articles)
            async with asyncio.timeout(PATIENCE):
                while unasked(traps):  # noqa: ASYNC110 - it is another process
                    await asyncio.sleep(LOOKED_EVERY)
            took = time.monotonic() - began
            for trap in traps.values():
                trap.end()
        titles = Counter(one.event.title for one in await stored(env) if isinstance(one.event, Article))
        assert {title: titles[title] for title in press.articles} == dict.fromkeys(press.articles, 1)
        assert told(site, press.articles) == Counter(press.articles)
    print(f"\n{took:.0f} s; {seen}", end="")
    slow = {name: p99(times) for name, times in seen.times.items() if len(times) > FEW and p99(times) > P99}
    assert slow == {}, str(seen)
    # What workers may use beside it follows from the container's limit, and there is no container here.
    assert {name: most for name, most in seen.alone.items() if most > limit_of(name)} == {}


def p99(times: Sequence[float]) -> float:
    """The time that one in a hundred takes longer than."""
    return statistics.quantiles(times, n=100)[98]


class Seen:
    """What was seen of each replica: how long `/livez` took, seconds; the most memory, bytes, alone and with its workers."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = {}
        self.alone: dict[str, int] = {}
        self.memory: dict[str, int] = {}

    def look(self, name: str, pid: int) -> None:
        """Note what it has now."""
        alone, *workers = held(pid)
        self.alone[name] = max(self.alone.get(name, 0), alone)
        self.memory[name] = max(self.memory.get(name, 0), alone + sum(workers))

    def __str__(self) -> str:
        return ", ".join(
            f"{name}: /livez p99 {1_000 * p99(times):.0f} ms of {len(times)}, {self.memory[name] // MEBIBYTE} MB"
            for name, times in self.times.items()
        )


@asynccontextmanager
async def watched(desk: Replicas) -> AsyncIterator[Seen]:
    """Within, every replica is asked for `/livez` again and again, and its memory is looked at."""
    seen, over = Seen(), threading.Event()
    # A thread: the loop of this process serves the press, and would be what is measured.
    watching = asyncio.to_thread(_watch, desk, seen, over)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(watching)
        try:
            yield seen
        finally:
            over.set()


def _watch(desk: Replicas, seen: Seen, over: threading.Event) -> None:
    while not over.wait(LOOKED_EVERY):
        for name, process in desk.running.items():
            times = seen.times.setdefault(name, [])
            times.append(asked(desk.address(name)))
            if len(times) % 10 == 1:
                seen.look(name, process.pid)


def asked(address: str) -> float:
    """The seconds that `/livez` took."""
    began = time.monotonic()
    with closing(HTTPConnection(address, timeout=PROBE)) as connection:
        connection.request("GET", "/livez")
        assert connection.getresponse().status == 200
    return time.monotonic() - began


def held(pid: int) -> list[int]:
    """What a container would be charged for that process and each of its workers: pages that they share count once."""
    found = []
    for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
        with suppress(psutil.Error):  # a worker that has just ended
            found.append(process.memory_full_info().pss)
    return found


def limit_of(name: str) -> int:
    """The limit of the container of a role, as deployed; one process of all has that of the largest."""
    role = name.rpartition("-")[0].replace("all", "pages")
    deployment = next(yaml.safe_load_all((ROLES / f"{role}.yaml").read_text("utf-8")))
    text = deployment["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"]
    return int(text[:-2]) * {"Mi": MEBIBYTE, "Gi": 1024 * MEBIBYTE}[text[-2:]]


def told(site: Site, wanted: set[str]) -> Mapping[str, int]:
    """How many different alerts each of those titles had."""
    alerts = {asked.headers["webhook-id"]: json.loads(asked.body) for asked in site.asked(HOOK)}
    titles = Counter(alert["data"]["article"]["title"] for alert in alerts.values())
    return Counter({title: number for title, number in titles.items() if title in wanted})


async def until_told(site: Site, wanted: set[str]) -> None:
    """Return once all of those were alerted."""
    async with asyncio.timeout(PATIENCE), site.came:
        await site.came.wait_for(lambda: told(site, wanted).keys() >= wanted)
