"""Three Kafka brokers, each a controller as well, of which one may be lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Self

from tests.servers.kafka import Kafka, cluster_id

SETTINGS = {
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "share.coordinator.state.topic.replication.factor": "3",
    "broker.session.timeout.ms": "6000",
}


class Cluster:
    """Replication factor 3 for the topics of Kafka itself; ours are made with what their settings say."""

    def __init__(self) -> None:
        cluster = cluster_id()
        self.brokers = [Kafka(cluster=cluster, settings=SETTINGS) for _ in range(3)]
        numbered = list(enumerate(self.brokers, start=1))
        voters = ",".join(f"{number}@127.0.0.1:{broker.controller_port}" for number, broker in numbered)
        for number, broker in numbered:
            broker.settings |= {"node.id": f"{number}", "controller.quorum.voters": voters}

    @property
    def url(self) -> str:
        """How the product is told to reach it."""
        return f"kafka://{','.join(broker.bootstrap for broker in self.brokers)}"

    def __enter__(self) -> Self:
        try:
            with ThreadPoolExecutor(len(self.brokers)) as pool:  # none is ready before another is
                list(pool.map(Kafka.__enter__, self.brokers))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        with ThreadPoolExecutor(len(self.brokers)) as pool:
            list(pool.map(Kafka.__exit__, self.brokers))
