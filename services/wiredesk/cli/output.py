"""How commands print: tables for people, JSON lines for programs."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDEST = 10_000
"""Columns of what is no terminal: a row is a line there, for grep and cut."""

MOST_CHARACTERS = 200
"""Of a text in a table."""

_CONTROLS = {code: None for code in (*range(32), *range(127, 160), *range(0xD800, 0xE000)) if code not in (9, 10)}


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Let it travel: rich would end the process from within a task, before anything is closed."""
        raise BrokenPipeError


def console() -> Console:
    """Standard output; wide where it is no terminal, so that lines stay whole. Raises `BrokenPipeError`."""
    plain = _Console(highlight=False, soft_wrap=True)
    return plain if plain.is_terminal else _Console(highlight=False, soft_wrap=True, width=WIDEST, no_color=True)


def printable(text: str) -> str:
    """`text` without what would steer a terminal, as fetched text must not, and without halves of a surrogate pair."""
    return text.translate(_CONTROLS)


def counted(number: int, what: str, *, many: str = "") -> str:
    """`1 item`, `2 items`; `many` where an s is not enough."""
    return f"{number:,} {what if number == 1 else many or what + 's'}"


def facts(value: Mapping[str, object]) -> list[tuple[str, str]]:
    """The fields that say something, as people read them, without a word of Python; those within one by its name too."""
    plain = msgspec.to_builtins(value)
    return [(name, words) for name, part in plain.items() if (words := _words(part))]


def _words(value: object) -> str:
    match value:
        case None | False:
            return ""
        case True:
            return "yes"
        case float():
            return f"{value:.4g}"
        case dict():
            return ", ".join(f"{name} {words}" for name, part in value.items() if (words := _words(part)))
        case list() | tuple():
            apart = "; " if any(isinstance(part, dict) for part in value) else ", "
            return apart.join(filter(None, map(_words, value)))
    return str(value)


def json_line(value: object) -> None:
    """One JSON value on a line of its own."""
    left = memoryview(msgspec.json.encode(value) + b"\n")
    while left:  # with PYTHONUNBUFFERED the file is raw, and a pipe that is full may take a part
        left = left[sys.stdout.buffer.write(left) :]
    sys.stdout.buffer.flush()


def line(text: str) -> None:
    """One line, as it is."""
    console().print(Text(printable(text)), soft_wrap=True)


def rows(records: Iterable[Mapping[str, object]], *, columns: Sequence[str], as_json: bool, empty: str) -> None:
    """A row each: JSON objects with all their facts, or a table of `columns`; `empty` says that there is nothing."""
    if as_json:
        for row in records:
            json_line(row)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")  # whole, that an id can be copied from a narrow terminal too
    for row in records:
        table.add_row(*(Text(printable(_shown(row.get(column)))) for column in columns))
    if table.row_count:
        console().print(table)
    else:
        sys.stderr.write(empty + "\n")


def _shown(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.3g}"
        case str():
            line = " ".join(value.split())
            return line if len(line) <= MOST_CHARACTERS else f"{line[: MOST_CHARACTERS - 1]}…"
        case list() | tuple():
            return ", ".join(_shown(item) for item in value)
    return str(value)
