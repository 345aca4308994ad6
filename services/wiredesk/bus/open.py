"""Opens the log that a URL names; the backend is imported only then."""

from __future__ import annotations

from pathlib import Path

from wiredesk.bus import Bus
from wiredesk.bus.kafka_options import KafkaOptions
from wiredesk.errors import Misconfigured


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
