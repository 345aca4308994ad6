"""What Prometheus finds at a running desk."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.deploy import queries
from tests.pipeline import paper
from tests.pipeline.running import COMMAND, PATIENCE, environment
from tests.roles.notify.samples import SECRET, endpoint
from tests.servers import free_port
from tests.web import Page
from wiredesk.roles.geotag.gazetteer_file import NAME

HOOK = "/hook"
AT_ONCE = 2
"""Webhooks in the air to one endpoint: once a further one comes, the outcome of another is counted."""

ANY_ARTICLE = """
[[rule]]
name = "all"
query = 'kind:article AND (the OR a)'
endpoints = ["ops"]
"""


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory, gazetteer: Path) -> set[str]:
    """The names of all series of a desk that has polled, fetched, stored, alerted and sent."""
    folder = tmp_path_factory.mktemp("live")
    (folder / NAME).symlink_to(gazetteer)
    families = text_string_to_metric_families(asyncio.run(_scraped(folder)))
    return {sample.name for family in families for sample in family.samples}


async def _scraped(folder: Path) -> str:
    port = free_port()
    async with paper.printed() as site:
        site.serve(HOOK, Page())
        (folder / "rules.toml").write_text(endpoint("ops", f"{site.url}{HOOK}") + ANY_ARTICLE, "utf-8")
        env = environment(
            folder,
            WIREDESK_LISTEN=f"127.0.0.1:{port}",
            WIREDESK_RULES_FILE=str(folder / "rules.toml"),
            OPS_SECRET=SECRET,
            WIREDESK_ALERT_MAX_AGE="0",
        )
        process = await asyncio.create_subprocess_exec(*COMMAND, "run", "--feed", f"{site.url}{paper.FEED}", env=env)
        try:
            async with asyncio.timeout(PATIENCE):
                await site.wait_for(HOOK, times=AT_ONCE + 1)
                async with (
                    aiohttp.ClientSession() as session,
                    session.get(f"http://127.0.0.1:{port}/metrics") as answer,
                ):
                    return await answer.text()
        finally:
            process.terminate()
            await process.wait()


def test_every_query_of_the_dashboard_names_series_that_a_running_desk_has(series: set[str]) -> None:
    assert not queries.metrics(queries.of_dashboard().values()) - series


def test_every_alert_rule_names_series_that_a_running_desk_has(series: set[str]) -> None:
    assert not queries.metrics(queries.of_rules().values()) - series


def test_every_metric_of_ours_is_on_the_dashboard(series: set[str]) -> None:
    """But for the parts of a histogram that no panel needs, and the moments when a series began."""
    shown = queries.metrics(queries.of_dashboard().values())
    ours = {name for name in series if name.startswith("wiredesk_")}
    assert not {name for name in ours - shown if not name.endswith(("_created", "_sum"))}
