"""`wiredesk database`: migrations that are due, and carrying them out."""

from __future__ import annotations

import typer

from wiredesk import database
from wiredesk.backends import make_home
from wiredesk.cli.output import rows
from wiredesk.cli.settings import AsJson, EnvFile, quiet_settings, run_async

commands = typer.Typer(no_args_is_help=True, help="The database's schema: what it lacks, and making it so.")


@commands.command()
def plan(as_json: AsJson = False, env_file: EnvFile = None) -> None:
    """Show the migrations that are due; changes nothing."""
    config = quiet_settings(env_file)
    make_home(config)  # before the first run there is none
    pending = run_async(database.plan(config.url("database"), schema=config.prefix, tls=config.tls_files("database")))
    rows(
        [{"migration": name} for name in pending],
        columns=("migration",),
        as_json=as_json,
        empty="the schema is up to date",
    )


@commands.command()
def apply(as_json: AsJson = False, env_file: EnvFile = None) -> None:
    """Carry out the migrations that are due."""
    config = quiet_settings(env_file)
    make_home(config)
    done = run_async(database.apply(config.url("database"), schema=config.prefix, tls=config.tls_files("database")))
    rows(
        [{"migration": name} for name in done],
        columns=("migration",),
        as_json=as_json,
        empty="the schema was up to date",
    )
