"""What waits for a role that is gone is told by one that is there."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import aiohttp
from prometheus_client import REGISTRY

from tests.bus.backends import PATIENCE, Log
from tests.bus.desk import NOW, article
from tests.pipeline.running import environment
from wiredesk import app
from wiredesk.backends import bus_of, topics_of
from wiredesk.bus import Bus, Record
from wiredesk.bus.records import to_record
from wiredesk.bus.watch import Onlooker
from wiredesk.config import load
from wiredesk.observe import new_traceparent
from wiredesk.stop import Stop

pytest_plugins = ("tests.bus.fixtures",)


def record(name: str, prefix: str) -> Record:
    return to_record(article(name), prefix=prefix, role="pages", now=NOW, traceparent=new_traceparent())


class Looking(Onlooker):
    """One that says when it has looked."""

    def __init__(self, bus: Bus, groups: Mapping[str, Sequence[str]], *, prefix: str, every: timedelta) -> None:
        super().__init__(bus, groups, prefix=prefix, every=every)
        self.looked = asyncio.Event()

    async def _look(self, role: str, topics: Sequence[str]) -> None:
        await super()._look(role, topics)
        self.looked.set()


async def test_an_onlooker_tells_of_groups_that_nobody_is_in_and_goes_on_telling(bus: Bus, log: Log) -> None:
    stop = Stop()
    onlooker = Looking(bus, {"gone": ["collected"]}, prefix=log.prefix, every=timedelta(seconds=0.05))

    async def until_it_tells(records: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while REGISTRY.get_sample_value("wiredesk_lag_records", {"role": "gone", "topic": "collected"}) != records:
                onlooker.looked.clear()
                await onlooker.looked.wait()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(onlooker.run(stop))
        await until_it_tells(0)
        await bus.publish([record(str(number), log.prefix) for number in range(3)])
        await until_it_tells(3)
        stop.ask()


async def test_web_alone_tells_how_far_the_other_roles_are_behind(tmp_path: Path) -> None:
    config = load(environment(tmp_path / "home"))
    async with bus_of(config, client="test") as bus:
        await bus.apply(topics_of(config))
        await bus.publish([record("1", config.prefix)])
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    order = app.Order(roles=("web",), on_listening=port.set_result)

    async with asyncio.TaskGroup() as tasks, aiohttp.ClientSession() as session:
        tasks.create_task(app.run(config, order))
        text, url = "", f"http://127.0.0.1:{await port}/metrics"
        async with asyncio.timeout(PATIENCE):
            while 'wiredesk_lag_records{role="dedupe",topic="collected"} 1.0' not in text:
                async with session.get(url) as answer:
                    text = await answer.text()
        order.stop.ask()

    assert 'wiredesk_lag_records{role="pages",topic="entries"} 0.0' in text
