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
    scheme, separator, rest = url.partition("://")
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        from wiredesk.bus.sqlite import SqliteBus

        return SqliteBus(Path(rest[1:]))
    if scheme == "kafka" and rest.strip("/"):
        from wiredesk.bus.kafka import KafkaBus

        return KafkaBus(_servers(rest), options=options or KafkaOptions(), client=client, instance=instance)
    shown = f"{scheme}://…" if separator else "…"  # without a scheme it may be a password
    raise Misconfigured(f"WIREDESK_BUS_URL={shown}: expected sqlite:///PATH or kafka://HOST:PORT,HOST:PORT")


def _servers(rest: str) -> list[str]:
    """The brokers. Raises `Misconfigured`, without a word of what is wrong: it may be a password."""
    if "@" in rest:
        raise Misconfigured(
            "WIREDESK_BUS_URL=kafka://…@…: expected kafka://HOST:PORT,HOST:PORT; "
            "WIREDESK_KAFKA_USERNAME and WIREDESK_KAFKA_PASSWORD take the log-in"
        )
    servers = [server.strip() for server in rest.strip("/").split(",")]
    for number, server in enumerate(servers, 1):
        _, colon, port = server.rpartition(":")
        has_port = colon and not server.endswith("]")
        if not server or (has_port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536)):
            raise Misconfigured(f"WIREDESK_BUS_URL=kafka://…: broker {number} cannot be read, expected HOST:PORT")
    return servers
