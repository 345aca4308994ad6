"""The schema's history, carried out by Alembic; imported only where something is due."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def history() -> dict[str, str]:
    """Every migration and what it does, first one first."""
    scripts = ScriptDirectory.from_config(_config())
    return {script.revision: script.doc for script in reversed(list(scripts.walk_revisions()))}


def upgrade(connection: Connection, *, to: str = "head") -> None:
    """Carry out what is due up to `to`, within the transaction that `connection` is in."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "wiredesk.database:migrations")
    return config
