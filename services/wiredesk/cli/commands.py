"""The command line as a whole: one verb runs things, nouns look after them.

Only the command that is asked for is imported. What reads the database, fetches or parses brings libraries along that
take a second and more to import, which `wiredesk --help` has no use for; the others stand there by name and help alone.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from wiredesk import __version__

HELP = {
    "run": "Run roles in this process: those named, or all.",
    "demo": "Show the whole pipeline at work on an invented press, and balance what it served against what came of it.",
    "feeds": "Subscriptions, and how polling them goes.",
    "items": "Stored articles and comments.",
    "topics": "Topics of the log: what is missing or different, and making it so.",
    "database": "The database's schema: what it lacks, and making it so.",
    "dead": "Dead letters: what could not be accepted, and sending it on once more.",
    "deliveries": "Webhooks sent and failing, and sending one again.",
    "rules": "Alert rules: lint, try on a text, run over what is stored.",
    "lag": "Show how far each role is behind, in records and seconds, a row a topic.",
    "extract": "Show what is taken out of a page: metadata, article, comments.",
    "dedupe": "Why an item is new, a revision or a copy.",
    "geotag": "Show which places a text names, where they stand in it, and which regions it is about.",
    "gazetteer": "The table of place names that geotag works with.",
    "doctor": (
        "Try settings, files and every dependency, and say what to do about each fault; exit status 1 where there is one."
    ),
}
"""Every command and the first line of its help, in order; each is the module of its name in this folder."""

# What a shell that completes a line sets, by shell: the words typed so far.
_COMPLETED_WORDS = ("COMP_WORDS", "_TYPER_COMPLETE_ARGS")


def commands(*, loaded: Sequence[str] = tuple(HELP)) -> typer.Typer:
    """The command line; of commands that are not `loaded` there is the name and the help."""
    root = typer.Typer(
        no_args_is_help=True,
        add_completion=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
        context_settings={"help_option_names": ["-h", "--help"]},
        help="Real-time news ingestion: feeds and pages become clean articles and reader comments on Kafka.",
    )
    root.callback()(_root)
    for name, text in HELP.items():
        if name in loaded:
            _load(root, name)
        else:
            root.command(name, help=text)(_not_loaded)
    return root


def asked_for(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[str, ...]:
    """The commands to load for a command line, or for the line that a shell wants completed."""
    typed = next((environment[name].split()[1:] for name in _COMPLETED_WORDS if environment.get(name)), arguments)
    return tuple(word for word in typed[:1] if word in HELP)


def main() -> None:
    """Run the command that the process was started with."""
    commands(loaded=asked_for(sys.argv[1:], os.environ))(prog_name="wiredesk")


def _load(root: typer.Typer, name: str) -> None:
    module = importlib.import_module(f"wiredesk.cli.{name}")
    if hasattr(module, "commands"):
        root.add_typer(module.commands, name=name)
    else:
        root.command(name)(getattr(module, name))


def _not_loaded() -> None:
    raise AssertionError("a command that is asked for is loaded")


def _version(value: bool) -> None:
    if value:
        sys.stdout.write(f"wiredesk {__version__}\n")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None: ...
