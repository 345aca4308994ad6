from __future__ import annotations

import pytest

from wiredesk.backends import topics_of
from wiredesk.config import Config


@pytest.mark.parametrize(("replication", "in_sync"), [(3, "2"), (2, "1"), (1, "1")])
def test_what_is_acknowledged_is_on_all_brokers_of_a_topic_but_one(replication: int, in_sync: str) -> None:
    topics = topics_of(Config(kafka_replication=replication))

    assert {topic.settings["min.insync.replicas"] for topic in topics} == {in_sync}
