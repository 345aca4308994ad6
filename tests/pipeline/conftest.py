"""What runs with a process a role need."""

from __future__ import annotations

import pytest


@pytest.fixture
def servers(kafka_url: str, redis_url: str, postgres_url: str, prefix: str) -> dict[str, str]:
    """The settings of a run on real servers, under a name of its own."""
    return {
        "WIREDESK_BUS_URL": kafka_url,
        "WIREDESK_STATE_URL": redis_url,
        "WIREDESK_DATABASE_URL": postgres_url,
        "WIREDESK_PREFIX": prefix,
        "WIREDESK_KAFKA_PARTITIONS": "4",
        "WIREDESK_KAFKA_REPLICATION": "1",
        "WIREDESK_KAFKA_SESSION": "6s",
    }
