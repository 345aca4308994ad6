"""What the deployed limits of memory leave to each worker, and that they hold."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import yaml

from tests.deploy.kubernetes import OVERLAYS, built, of_kind, resources
from wiredesk.container import MEBIBYTE, ROLE_BYTES, WORKER_BYTES, share_of
from wiredesk.errors import Overrun
from wiredesk.roles.pages.extract.page import ExtractedPage, extract
from wiredesk.roles.pages.look.fetching import LIMITS
from wiredesk.workers import Workers

COMPOSE = Path(__file__).parents[2] / "deploy" / "compose.yaml"
ROLES = ("feeds", "pages")
ENOUGH_BYTES = 192 * MEBIBYTE
"""Of the pages and feeds that were measured none needed more than 120 MB beyond what a worker starts with."""

UNITS = {"Mi": MEBIBYTE, "m": MEBIBYTE, "Gi": 1024 * MEBIBYTE, "g": 1024 * MEBIBYTE}


def in_bytes(written: str) -> int:
    match = re.fullmatch(r"(\d+)([A-Za-z]+)", written)
    assert match, written
    return int(match[1]) * UNITS[match[2]]


def deployed() -> Iterator[tuple[str, int, int]]:
    """Where a role is deployed that has workers, its limit of memory, and how many workers it has."""
    services = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]
    for role in ROLES:
        service = services[role]
        limit = in_bytes(service["deploy"]["resources"]["limits"]["memory"])
        yield f"compose {role}", limit, int(service["environment"]["WIREDESK_WORKERS"])
    for overlay in OVERLAYS:
        for workload in of_kind(resources(built(overlay)), "Deployment", "StatefulSet"):
            container = workload["spec"]["template"]["spec"]["containers"][0]
            if workload["metadata"]["name"] in ROLES:
                settings = {variable["name"]: variable.get("value", "") for variable in container["env"]}
                limit = in_bytes(container["resources"]["limits"]["memory"])
                yield f"{overlay} {workload['metadata']['name']}", limit, int(settings["WIREDESK_WORKERS"])


@pytest.fixture(scope="module")
def places() -> dict[str, tuple[int, int]]:
    return {name: (limit, workers) for name, limit, workers in deployed()}


def test_role_and_workers_fit_their_container_and_each_has_enough(places: dict[str, tuple[int, int]]) -> None:
    assert len(places) == len(ROLES) * (1 + len(OVERLAYS))
    for name, (limit, workers) in places.items():
        each = min(LIMITS.memory_bytes, share_of(limit, workers=workers))
        assert each >= ENOUGH_BYTES, name
        assert ROLE_BYTES + workers * (WORKER_BYTES + each) <= limit, name


def peak_bytes() -> int:
    """The most memory that a worker process of ours ever held, looked at from outside: it need not import this."""
    workers = [child for child in psutil.Process().children() if "anyio.to_process" in child.cmdline()]
    return max(_peak_of(Path(f"/proc/{worker.pid}/status").read_text()) for worker in workers)


def _peak_of(status: str) -> int:
    match = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert match
    return int(match[1]) * 1024


def article(kilobytes: int) -> bytes:
    paragraph = f"<p>{'The minister said on Monday that the dam would be mended before the rain. ' * 13}</p>"
    return f"<html><body><article><h1>Dam</h1>{paragraph * kilobytes}</article></body></html>".encode()


async def test_a_large_article_is_read_in_the_least_share(places: dict[str, tuple[int, int]]) -> None:
    least = min(share_of(limit, workers=workers) for limit, workers in places.values())

    page = await Workers(1, memory_bytes=least).run(extract, article(1_500), "https://a.example/1", None, limits=LIMITS)

    assert isinstance(page, ExtractedPage)
    assert page.body is not None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much memory a process holds")
async def test_a_page_that_wants_more_overruns_alone_and_the_worker_stays_within_its_share(
    places: dict[str, tuple[int, int]],
) -> None:
    least = min(share_of(limit, workers=workers) for limit, workers in places.values())
    links = b"<html><body>" + b"<a href=/x>x</a> " * 500_000 + b"</body></html>"
    workers = Workers(1, memory_bytes=least)

    with pytest.raises(Overrun, match="extract wanted more than"):
        await workers.run(extract, links, "https://a.example/1", None, limits=LIMITS)

    assert peak_bytes() <= WORKER_BYTES + least
