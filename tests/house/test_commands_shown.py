"""Every command, setting and make target that a document shows is one that there is, used as it can be used."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from wiredesk import app
from wiredesk.cli.commands import commands
from wiredesk.config import PREFIX, Config

ROOT = Path(__file__).parents[2]
EXAMPLES = [ROOT / "deploy" / f"{name}.example.toml" for name in ("rules", "places")]
DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *EXAMPLES)
LINE = re.compile(r"^(?:# )?(?:\.venv/bin/)?wiredesk +([a-z-].*)$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(?:(?:\.venv/bin/)?wiredesk ([a-z][^`…]*)|([a-z]+ [a-z-][^`…]*))`")
MAKE = re.compile(r"^make ([a-z]+)|`make ([a-z]+)", re.MULTILINE)
SETTING = re.compile(rf"\b{PREFIX}[A-Z_]*[A-Z]\b(?!\*)")
ROOTS: Any = get_command(commands())


def _texts() -> Iterator[tuple[str, str]]:
    return ((document.name, document.read_text("utf-8")) for document in DOCUMENTS)


def _lines() -> Iterator[tuple[str, str]]:
    """What is shown to be typed as it stands."""
    for name, text in _texts():
        for found in LINE.finditer(text):
            yield name, re.split(r" {2,}| #", found[1])[0].strip()


def _mentions() -> Iterator[tuple[str, str]]:
    """What a sentence names: `items search · show` is two commands, and arguments may be left out."""
    for name, text in _texts():
        for found in INLINE.finditer(FENCED.sub("", text)):
            first, *others = (" ".join(piece.split()) for piece in (found[1] or found[2]).split("·"))
            # Without "wiredesk" before it a row of roles looks like a command, and `feeds` is both.
            if found[1] or (first.split()[0] in ROOTS.commands and not set(first.split()) <= set(app.ROLES)):
                yield name, first
                for other in others:
                    known = first.split(" --")[0] if other.startswith("-") else first.split()[0]
                    yield name, f"{known} {other}"


def _of(arguments: Sequence[str]) -> tuple[Any, list[str]]:
    """The command that `arguments` begin with, and what is left of them."""
    command, left = ROOTS, list(arguments)
    while hasattr(command, "commands"):
        assert left, f"{' '.join(arguments)}: no verb"
        assert left[0] in command.commands, f"no command {left[0]!r} in wiredesk {' '.join(arguments)}"
        command = command.commands[left.pop(0)]
    return command, left


@pytest.mark.parametrize(("document", "shown"), sorted(set(_lines())))
def test_a_command_shown_can_be_typed_as_it_stands(document: str, shown: str) -> None:
    if shown.startswith("--"):
        assert shown in {option for parameter in ROOTS.params for option in parameter.opts}
        return
    command, left = _of(shlex.split(shown))

    given = command.make_context(shown, left).params  # raises where an option or argument is wrong, missing or too much

    assert set(given.get("roles", ())) <= set(app.ROLES)


@pytest.mark.parametrize(("document", "shown"), sorted(set(_mentions())))
def test_a_command_named_is_one_that_there_is(document: str, shown: str) -> None:
    command, left = _of(shlex.split(shown))

    options = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in left if word.startswith("-")} <= options


def test_documents_show_commands() -> None:
    assert len(set(_lines())) >= 10
    assert len(set(_mentions())) > 30


def test_a_setting_named_is_one_that_there_is() -> None:
    settings = {PREFIX + name.upper() for name in Config.model_fields}
    for name, text in _texts():
        unknown = set(SETTING.findall(text)) - settings
        assert not {one for one in unknown if not one.startswith(f"{PREFIX}TEST_")}, name


def test_a_make_target_shown_is_one_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for document in (*DOCUMENTS, ROOT / "CONTRIBUTING.md"):
        shown = {one or other for one, other in MAKE.findall(document.read_text("utf-8"))}
        assert shown <= targets, document.name
