"""Every wiredesk command that a document shows is one that exists, with the options that it has."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from wiredesk.cli.commands import commands

ROOT = Path(__file__).parents[2]
DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "deploy" / "rules.example.toml")
SHOWN = re.compile(r"^(?:#\s+)?(?:\.venv/bin/)?wiredesk +([a-z].*)$|`wiredesk +([a-z][^`…]*)`")
MAKE = re.compile(r"^make ([a-z]+)|`make ([a-z]+)", re.MULTILINE)


def _shown() -> Iterator[tuple[str, str]]:
    for document in DOCUMENTS:
        for line in document.read_text("utf-8").splitlines():
            for found in SHOWN.finditer(line.strip()):
                text = (found[1] or found[2]).split("   ")[0].split("  #")[0].split(" # ")[0].strip()
                for one in _each(text):
                    yield document.name, one


def _each(text: str) -> Iterator[str]:
    """`items search · show` is two commands."""
    first, *others = [piece.strip() for piece in text.split("·")]
    yield first
    for other in others:
        yield other if " " not in first else f"{first.split()[0]} {other}"


@pytest.mark.parametrize(("document", "shown"), sorted(set(_shown())))
def test_a_command_shown_is_one_that_the_command_line_takes(document: str, shown: str) -> None:
    command, arguments = get_command(commands), shlex.split(shown)
    for at, word in enumerate(arguments):
        found = getattr(command, "commands", {}).get(word)
        if found is None:
            assert not hasattr(command, "commands"), f"{document}: no command {word!r} in wiredesk {shown}"
            options = {option for parameter in command.params for option in parameter.opts}
            unknown = [one for one in arguments[at:] if one.startswith("--") and one not in options]
            assert not unknown, f"{document}: wiredesk {shown} has no {unknown[0]}"
            return
        command = found


def test_documents_show_commands() -> None:
    assert len(set(_shown())) > 20


def test_a_make_target_shown_is_one_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for document in (*DOCUMENTS, ROOT / "CONTRIBUTING.md"):
        shown = {one or other for one, other in MAKE.findall(document.read_text("utf-8"))}
        assert shown <= targets, document.name
