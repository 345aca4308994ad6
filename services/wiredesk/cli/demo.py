"""`wiredesk demo`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from wiredesk.cli.gazetteer import gazetteer_path
from wiredesk.cli.output import console
from wiredesk.cli.settings import EnvFile, quiet_settings, run_async
from wiredesk.demo import newsroom, report
from wiredesk.demo.show import Stage, show
from wiredesk.observe import configure_logs


def demo(
    newsroom_folder: Annotated[
        Path | None,
        typer.Option("--newsroom", metavar="DIR", help="A newsroom of your own instead of the bundled one."),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Go on until interrupted; the balance comes then.")] = False,
    env_file: EnvFile = None,
) -> None:
    """Show the whole pipeline at work on an invented press, and balance what it served against what came of it.

    Nothing leaves this machine: sites, webhook receiver, log and database are all local, and gone afterwards. Exit
    status 0 where the ledger balances, else 1 with each difference named.
    """
    folder = newsroom.read(newsroom_folder or newsroom.bundled())
    config = quiet_settings(env_file)
    # A press with a broken feed and slow pages on purpose is no news for whoever watches.
    configure_logs(json=config.log_format == "json", level="error")
    gazetteer = gazetteer_path(config)
    screen = console()
    with tempfile.TemporaryDirectory(prefix="wiredesk-demo-") as home:
        balance = run_async(show(folder, Stage(home=Path(home), console=screen, keep=keep), gazetteer=gazetteer))
    if balance is None:
        sys.stderr.write("interrupted before the end: no balance\n")
        raise typer.Exit(1)
    report.tell(balance, screen)
    if balance.differences:
        raise typer.Exit(1)
