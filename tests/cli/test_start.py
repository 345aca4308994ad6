"""What starting a command costs: the parts of wiredesk that it does not use are not imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from wiredesk.cli.commands import HELP, commands

HEAVY = {
    "aiohttp",
    "aiokafka",
    "alembic",
    "feedparser",
    "lxml",
    "pydantic",
    "redis",
    "requests",
    "sqlalchemy",
    "tldextract",
    "trafilatura",
}

UNUSED = {
    ("--version",): HEAVY,
    ("--help",): HEAVY,
    ("items", "search", "bridge"): HEAVY - {"pydantic", "sqlalchemy", "alembic"},
    ("feeds", "list"): HEAVY - {"pydantic", "sqlalchemy", "alembic"},
    ("deliveries", "list"): HEAVY - {"pydantic", "sqlalchemy", "alembic"},
    ("dead", "list"): HEAVY - {"pydantic"},
    ("lag",): HEAVY - {"pydantic"},
}
"""By command line, the libraries that it has no use for."""

PROGRAM = """
import sys
from wiredesk.__main__ import main
try:
    main()
except SystemExit:
    pass
sys.stderr.write("\\nIMPORTED " + " ".join(name for name in sys.modules if "." not in name))
"""


@pytest.mark.parametrize("arguments", UNUSED, ids=" ".join)
def test_a_command_imports_what_it_uses(arguments: tuple[str, ...], tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={"WIREDESK_HOME": str(tmp_path), "PATH": ""},
        check=True,
    )

    imported = set(ended.stderr.rpartition("IMPORTED ")[2].split())
    assert imported & UNUSED[arguments] == set()


def test_the_help_of_a_command_that_is_not_loaded_is_its_own() -> None:
    loaded, light = get_command(commands()), get_command(commands(loaded=()))

    def first_lines(root: object) -> dict[str, str]:
        return {name: (command.help or "").split("\n\n")[0] for name, command in root.commands.items()}  # type: ignore[attr-defined]

    assert first_lines(loaded) == first_lines(light) == HELP
