"""Both logs, one after the other, for tests that must hold on either."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bus.backends import Log, spec
from tests.bus.desk import Desk
from wiredesk.bus import Bus

BACKENDS = ["sqlite", pytest.param("kafka", marks=pytest.mark.servers)]


@pytest.fixture(params=BACKENDS)
def log(request: pytest.FixtureRequest, tmp_path: Path, prefix: str) -> Log:
    if request.param == "sqlite":
        return Log(url=f"sqlite:///{tmp_path / 'log.sqlite'}", prefix=prefix)
    return Log(url=request.getfixturevalue("kafka_url"), prefix=prefix)


@pytest.fixture
def sqlite_log(tmp_path: Path, prefix: str) -> Log:
    return Log(url=f"sqlite:///{tmp_path / 'log.sqlite'}", prefix=prefix)


@pytest.fixture
def kafka_log(kafka_url: str, prefix: str) -> Log:
    return Log(url=kafka_url, prefix=prefix)


@pytest.fixture
async def bus(log: Log) -> AsyncIterator[Bus]:
    """A process that writes; the topics of the test stand."""
    async with log.open() as bus:
        await bus.apply([spec(log.topic), spec(f"{log.prefix}.collected", partitions=2)])
        yield bus


@pytest.fixture
async def desk(sqlite_log: Log) -> AsyncIterator[Desk]:
    """A role's topics on the embedded log."""
    async with sqlite_log.open() as bus:
        yield Desk(bus=bus, log=sqlite_log)
