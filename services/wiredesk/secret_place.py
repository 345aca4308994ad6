"""Secrets by reference: `env:NAME` is an environment variable, `file:PATH` the content of a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from wiredesk.errors import Misconfigured

MOST_CHARACTERS = 10_000

_HERE = Path()


def text_at(reference: str, *, environ: Mapping[str, str], folder: Path = _HERE) -> str:
    """The secret; a relative file is looked for in `folder`. Raises `Misconfigured` where it is missing."""
    kind, _, name = reference.partition(":")
    if kind == "env":
        if not environ.get(name):
            raise Misconfigured(f"the environment variable {name} is not set")
        return environ[name]
    path = folder / name
    try:
        with path.open(encoding="utf-8") as opened:
            return opened.read(MOST_CHARACTERS)
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path}: {error.strerror if isinstance(error, OSError) else 'no UTF-8'}") from error
