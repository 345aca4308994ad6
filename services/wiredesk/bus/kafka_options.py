"""How brokers are reached; apart from the client, so that naming the options loads no Kafka library."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from wiredesk.tls import TlsFiles

NO_FILES = TlsFiles(name="WIREDESK_KAFKA")


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaOptions:
    """How brokers are reached and how long they wait for a member that falls silent: the settings `WIREDESK_KAFKA_*`."""

    security: str = "PLAINTEXT"
    tls: TlsFiles = NO_FILES
    sasl_mechanism: str = "SCRAM-SHA-512"
    username: str = ""
    password: str = ""
    session: timedelta = timedelta(seconds=30)
