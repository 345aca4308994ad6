"""Writes anew what Kubernetes wants to have in its own form: `python -m tests.deploy.copies`.

Alert rules from `deploy/prometheus/rules.yml`, topics from the package.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.deploy.queries import RULES
from wiredesk.backends import topics_of
from wiredesk.config import Config

COMPONENTS = Path(__file__).parents[2] / "k8s" / "components"
NOTE = "# Written by `python -m tests.deploy.copies`; a test says when it is out of date.\n"
VERSIONS = {"topics": "kafka.strimzi.io/v1", "rules": "monitoring.coreos.com/v1"}


def topics() -> str:
    """A KafkaTopic a topic."""
    found = [
        {
            "apiVersion": VERSIONS["topics"],
            "kind": "KafkaTopic",
            "metadata": {"name": topic.name, "labels": {"strimzi.io/cluster": "kafka"}},
            "spec": {
                "partitions": topic.partitions,
                "replicas": topic.replication,
                "config": {"retention.ms": round(topic.retention.total_seconds() * 1000), **topic.settings},
            },
        }
        for topic in topics_of(Config())
    ]
    return NOTE + yaml.safe_dump_all(found, sort_keys=False)


def rules() -> str:
    """The alert rules as a PrometheusRule."""
    rule = {
        "apiVersion": VERSIONS["rules"],
        "kind": "PrometheusRule",
        "metadata": {"name": "wiredesk"},
        "spec": yaml.safe_load(RULES.read_text("utf-8")),
    }
    return NOTE + yaml.safe_dump(rule, sort_keys=False, width=110)


COPIES = {COMPONENTS / "strimzi" / "topics.yaml": topics, COMPONENTS / "monitoring" / "prometheus-rule.yaml": rules}


def main() -> None:
    """Write all."""
    for path, text in COPIES.items():
        path.write_text(text(), "utf-8")


if __name__ == "__main__":
    main()
