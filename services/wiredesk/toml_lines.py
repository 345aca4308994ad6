"""In which line of a TOML file something stands: the parser of the standard library does not say."""

from __future__ import annotations

import re

_HEAD = re.compile(r"\s*\[")


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
