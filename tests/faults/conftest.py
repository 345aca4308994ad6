"""Settings of both modes, as a process a role runs with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipeline.running import environment

MODES = ["embedded", pytest.param("production", marks=pytest.mark.servers)]


@pytest.fixture
def servers(kafka_url: str, redis_url: str, postgres_url: str, prefix: str) -> dict[str, str]:
    """The settings of a run on real servers, under a name of its own."""
    return {
        "WIREDESK_BUS_URL": kafka_url,
        "WIREDESK_STATE_URL": redis_url,
        "WIREDESK_DATABASE_URL": postgres_url,
        "WIREDESK_PREFIX": prefix,
        "WIREDESK_KAFKA_PARTITIONS": "3",
        "WIREDESK_KAFKA_REPLICATION": "1",
        "WIREDESK_KAFKA_SESSION": "6s",
        "WIREDESK_LEASE": "3s",
    }


@pytest.fixture(params=MODES)
def env(request: pytest.FixtureRequest, home: Path) -> dict[str, str]:
    if request.param == "embedded":
        return environment(home, WIREDESK_FETCHERS="4", WIREDESK_LEASE="3s")
    return environment(home, WIREDESK_FETCHERS="4", **request.getfixturevalue("servers"))
