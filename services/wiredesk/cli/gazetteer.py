"""`wiredesk gazetteer`: the table of place names."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from wiredesk.cli.progress import shown
from wiredesk.cli.settings import EnvFile, quiet_settings
from wiredesk.config import Config
from wiredesk.roles.geotag import gazetteer_file
from wiredesk.roles.geotag.gazetteer import Gazetteer

commands = typer.Typer(no_args_is_help=True, help="The table of place names that geotag works with.")


@commands.command()
def build(
    to: Annotated[Path | None, typer.Option("--to", help="File to write; without: where `run` looks for it.")] = None,
    packaged: Annotated[
        bool, typer.Option("--packaged", help="Beside the installed code, for every home folder: what images do.")
    ] = False,
    env_file: EnvFile = None,
) -> None:
    """Compile the table: some 15 seconds and 1 GB of memory, once; `run` does it by itself where it is missing."""
    if to and packaged:
        raise typer.BadParameter("expected --to or --packaged, not both")
    path = _build(gazetteer_file.packaged() if packaged else to or quiet_settings(env_file).home / gazetteer_file.NAME)
    with Gazetteer(path) as built:
        counts = built.counts
    size = path.stat().st_size / 1_000_000
    sys.stdout.write(f"{path}: {counts['entities']:,} places, {counts['names']:,} names, {size:.0f} MB\n")


def open_gazetteer(config: Config) -> Gazetteer:
    """The table, compiled first where there is none yet. Raises `Misconfigured` where it cannot be written."""
    return Gazetteer(gazetteer_path(config))


def gazetteer_path(config: Config) -> Path:
    """Where the table is, compiled first where there is none yet. Raises `Misconfigured` where it cannot be written."""
    known = gazetteer_file.stored_path(config.home)
    if known is not None:
        return known
    sys.stderr.write("no table of place names yet: compiling it, once\n")
    return _build(config.home / gazetteer_file.NAME)


def found_gazetteer(config: Config) -> Gazetteer | None:
    """The table, where there is one."""
    path = gazetteer_file.stored_path(config.home)
    return Gazetteer(path) if path else None


def _build(target: Path) -> Path:
    with shown("gazetteer") as tell:
        return gazetteer_file.build(target.absolute(), tell)
