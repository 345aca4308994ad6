"""Files of TOML tables that an operator writes, and in which line what is wrong with one stands.

The parser of the standard library does not say in which line a value stood.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from wiredesk.errors import Misconfigured, nearest

T = TypeVar("T")

_HEAD = re.compile(r"\s*\[")


class Fault(Exception):
    """What is wrong with one table, and which of its fields."""

    def __init__(self, reason: str, *, field: str = "") -> None:
        super().__init__(reason)
        self.field = field


def body_of(path: Path) -> bytes:
    """What is in the file. Raises `Misconfigured` where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Misconfigured(f"{path}: {error.strerror}") from error


class TomlFile:
    """A file as parsed. Raises `Misconfigured`, with `name`, line and reason, whatever is wrong with it."""

    def __init__(self, body: bytes, *, name: str) -> None:
        self._name = name
        try:
            self._text = body.decode("utf-8-sig")
            self._parsed = tomllib.loads(self._text)
        except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
            raise Misconfigured(f"{name}: {error}") from error

    def expect(self, keys: Sequence[str], *, what: str) -> None:
        """Refuse whatever stands at the top beside `keys`; `what` names these to the reader."""
        for key in self._parsed:
            if key not in keys:
                raise Misconfigured(f"{self._name}: unknown {key!r}, expected {what}")

    def tables(self, kind: str, read: Callable[[Mapping[str, object]], T], *, unique: str = "") -> list[T]:
        """What `read` makes of each `[[kind]]`, in order; no two may have the same `unique` field."""
        tables = self._parsed.get(kind, [])
        if not isinstance(tables, list):
            raise Misconfigured(f"{self._name}: {kind} is no list of tables: write [[{kind}]], not [{kind}]")
        values: list[T] = []
        seen: set[object] = set()
        for index, table in enumerate(tables):
            try:
                if not isinstance(table, Mapping):
                    raise Fault(f"not a table: write [[{kind}]]")
                value = read(table)
                if unique and table[unique] in seen:
                    name = "" if unique == "url" else f" {table[unique]}"  # a URL may hold a password
                    raise Fault(f"{kind}{name} stands here twice", field=unique)
            except Fault as fault:
                line = line_of(self._text, table=kind, index=index, field=fault.field)
                raise Misconfigured(f"{self._name}, line {line}: {fault}") from fault
            values.append(value)
            if unique:
                seen.add(table[unique])
        return values

    def top(self, key: str, read: Callable[[object], T]) -> T | None:
        """What `read` makes of a value that stands before all tables; None where it is missing."""
        if key not in self._parsed:
            return None
        try:
            return read(self._parsed[key])
        except Fault as fault:
            raise Misconfigured(f"{self._name}, line {_line_of_top(self._text, key)}: {fault}") from fault


def only(table: Mapping[str, object], fields: Sequence[str]) -> None:
    """Refuse unknown fields, naming the nearest known one."""
    for name in table:
        if name not in fields:
            raise Fault(f"unknown field {name!r}{nearest(name, fields)}", field=name)


def line_of(text: str, *, table: str, index: int, field: str = "") -> int:
    """The line, from 1, of `field` in the table number `index` named `[[table]]`; of its head where that is not found."""
    lines = text.splitlines()
    mine = re.compile(rf"\s*\[\[\s*[\"']?{re.escape(table)}[\"']?\s*\]\]")
    heads = [number for number, line in enumerate(lines) if mine.match(line)]
    if index >= len(heads):  # written inline: rule = [{…}]
        return 1
    head = heads[index]
    named = re.compile(rf"\s*[\"']?{re.escape(field)}[\"']?\s*=")
    for number in range(head + 1, len(lines)):
        if field and named.match(lines[number]):
            return number + 1
        if _HEAD.match(lines[number]) and not lines[number].rstrip().endswith(","):
            break
    return head + 1


def _line_of_top(text: str, key: str) -> int:
    named = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
    return next((number for number, line in enumerate(text.splitlines(), 1) if named.match(line)), 1)
