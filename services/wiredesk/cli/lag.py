"""`wiredesk lag`."""

from __future__ import annotations

from datetime import UTC, datetime

from wiredesk.backends import bus_of
from wiredesk.cli.output import rows
from wiredesk.cli.settings import AsJson, EnvFile, quiet_settings, run_async
from wiredesk.config import Config
from wiredesk.roles.reads import READS

COLUMNS = ("role", "topic", "records", "seconds")


def lag(as_json: AsJson = False, env_file: EnvFile = None) -> None:
    """Show how far each role is behind, in records and seconds, a row a topic."""
    rows(run_async(_rows(quiet_settings(env_file))), columns=COLUMNS, as_json=as_json, empty="no roles")


async def _rows(config: Config) -> list[dict[str, object]]:
    lag_rows: list[dict[str, object]] = []
    now = datetime.now(UTC)
    async with bus_of(config, client="lag") as bus:
        for role, topics in READS.items():
            names = [f"{config.prefix}.{topic}" for topic in topics]
            partitions = await bus.lag(names, group=f"{config.prefix}.{role}")
            for name in names:
                mine = [row for row in partitions if row.topic == name]
                oldest = min((row.oldest_at for row in mine if row.oldest_at), default=None)
                seconds = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
                lag_rows.append(
                    {"role": role, "topic": name, "records": sum(row.records for row in mine), "seconds": seconds}
                )
    return lag_rows
