"""Opens the log that a URL names; the backend is imported only then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from wiredesk.bus import Bus
from wiredesk.errors import Misconfigured


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


def open_bus(url: str, *, options: KafkaOptions | None = None, client: str = "wiredesk", instance: str = "") -> Bus:
    """The log at `sqlite:///PATH` or `kafka://HOST:PORT,…`, not yet connected.

    `client` names this process to brokers; `instance`, where given, makes group membership static, so that a
    restart under the same name gets its partitions back at once. No two processes may share one.
    """
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        from wiredesk.bus.sqlite import SqliteBus

        return SqliteBus(Path(rest[1:]))
    if scheme == "kafka" and rest.strip("/"):
        from wiredesk.bus.kafka import KafkaBus

        return KafkaBus(rest.strip("/").split(","), options=options or KafkaOptions(), client=client, instance=instance)
    raise Misconfigured(f"WIREDESK_BUS_URL={scheme}://…: expected sqlite:///PATH or kafka://HOST:PORT,HOST:PORT")
