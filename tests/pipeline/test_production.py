"""One process a role on Kafka, Valkey and PostgreSQL gives what one process on files gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipeline import paper
from tests.pipeline.items import by_id, following, stored
from tests.pipeline.running import environment, roles_apart, wiredesk

pytestmark = pytest.mark.servers


async def test_seven_processes_store_the_same_as_the_embedded_run_but_for_times(
    home: Path, tmp_path: Path, servers: dict[str, str]
) -> None:
    embedded, production = environment(home), environment(home, **servers)
    async with paper.printed() as site:
        feed = f"{site.url}{paper.FEED}"
        ended = await wiredesk("run", "--feed", feed, "--until-idle", env=embedded)
        assert ended.status == 0, ended.err
        wanted = by_id(await stored(embedded))
        assert len(wanted) == 9
        for command in (("topics", "apply"), ("database", "apply"), ("feeds", "add", feed)):
            done = await wiredesk(*command, env=production)
            assert done.status == 0, done.err
        async with roles_apart(production, tmp_path), following(production) as tail:
            await tail.until(set(wanted))
    assert by_id(await stored(production)) == wanted


async def test_a_role_says_which_topic_is_missing_and_what_to_do(home: Path, servers: dict[str, str]) -> None:
    ended = await wiredesk("run", "store", env=environment(home, **servers))
    assert ended.status == 1
    assert "wiredesk topics apply" in ended.err.splitlines()[-1]
