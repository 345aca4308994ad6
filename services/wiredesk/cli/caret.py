"""A place in a query, shown by a caret under it."""

from __future__ import annotations

from rich.cells import cell_len

MARGIN = 60
"""Columns shown on either side of the fault at most."""


def pointed(text: str, position: int) -> list[str]:
    """The line of `text` in which `position` stands (code points from 0), and a caret under it.

    Wide letters take two columns, as on a terminal; of a long line the part around the fault is shown.
    """
    before, after = text[:position], text[position:]
    head = before.rpartition("\n")[2].replace("\t", " ")
    tail = after.partition("\n")[0].replace("\t", " ")
    shown = head if len(head) <= MARGIN else "…" + head[-MARGIN:]
    rest = tail if len(tail) <= MARGIN else tail[:MARGIN] + "…"
    return [shown + rest, " " * cell_len(shown) + "^"]
