"""How brokers are reached; apart from the client, so that naming the options loads no Kafka library."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaOptions:
    """How brokers are reached and how long they wait for a member that falls silent: the settings `WIREDESK_KAFKA_*`."""

    security: str = "PLAINTEXT"
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    sasl_mechanism: str = "SCRAM-SHA-512"
    username: str = ""
    password: str = ""
    session: timedelta = timedelta(seconds=30)
