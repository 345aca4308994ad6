"""`wiredesk topics`: what the log lacks, and making it so."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from wiredesk.backends import bus_of, topics_of
from wiredesk.bus import Change
from wiredesk.cli.output import rows
from wiredesk.cli.settings import AsJson, EnvFile, quiet_settings, run_async
from wiredesk.config import Config

commands = typer.Typer(no_args_is_help=True, help="Topics of the log: what is missing or different, and making it so.")

COLUMNS = ("topic", "what", "have", "want", "refused")


@commands.command()
def plan(as_json: AsJson = False, env_file: EnvFile = None) -> None:
    """Show what the log lacks or has differently; changes nothing."""
    config = quiet_settings(env_file)
    _show(run_async(_changes(config, apply=False)), as_json=as_json)


@commands.command()
def apply(as_json: AsJson = False, env_file: EnvFile = None) -> None:
    """Create what is missing and set what differs; a changed partition count is refused, with exit status 1."""
    config = quiet_settings(env_file)
    changes = run_async(_changes(config, apply=True))
    _show(changes, as_json=as_json)
    if any(change.refused for change in changes):
        raise typer.Exit(1)


async def _changes(config: Config, *, apply: bool) -> Sequence[Change]:
    async with bus_of(config, client="topics") as bus:
        return await (bus.apply if apply else bus.plan)(topics_of(config))


def _show(changes: Sequence[Change], *, as_json: bool) -> None:
    change_rows = [{column: getattr(change, column) for column in COLUMNS} for change in changes]
    rows(change_rows, columns=COLUMNS, as_json=as_json, empty="all topics are as they should be")
