"""The command line as a whole: one verb runs things, nouns look after them."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from wiredesk import __version__
from wiredesk.cli import (
    database,
    dead,
    dedupe,
    deliveries,
    demo,
    doctor,
    extract,
    feeds,
    gazetteer,
    geotag,
    items,
    lag,
    rules,
    run,
    topics,
)

commands = typer.Typer(
    no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False, rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Real-time news ingestion: feeds and pages become clean articles and reader comments on Kafka.",
)  # fmt: skip

commands.command("run")(run.run)
commands.command("demo")(demo.demo)
commands.add_typer(feeds.commands, name="feeds")
commands.add_typer(items.commands, name="items")
commands.add_typer(topics.commands, name="topics")
commands.add_typer(database.commands, name="database")
commands.add_typer(dead.commands, name="dead")
commands.add_typer(deliveries.commands, name="deliveries")
commands.add_typer(rules.commands, name="rules")
commands.command("lag")(lag.lag)
commands.command("extract")(extract.extract)
commands.add_typer(dedupe.commands, name="dedupe")
commands.command("geotag")(geotag.geotag)
commands.add_typer(gazetteer.commands, name="gazetteer")
commands.command("doctor")(doctor.doctor)


def _version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"wiredesk {__version__}\n")
        raise typer.Exit


@commands.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False,
) -> None: ...  # fmt: skip
