"""`python -m tests.bench [NAME…]`: measures, and prints one table of both modes. Compare rows of one run, never of two."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections import defaultdict
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from tests import bench

MODES, EITHER = ("embedded", "production"), "either"
WIDTH = 160
"""Of the table, a terminal or not: so its lines stay whole."""


def main(wanted: Sequence[str]) -> None:
    """Run every bench, or those named."""
    names = [module.name for module in pkgutil.iter_modules(bench.__path__) if not module.name.startswith("_")]
    if unknown := set(wanted) - set(names):
        sys.exit(f"unknown bench {', '.join(sorted(unknown))}: expected some of {', '.join(names)}")
    figures: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    console = Console(stderr=True)
    for name in wanted or names:
        with console.status(f"{name} …"):
            for what, figure in importlib.import_module(f"tests.bench.{name}").run():
                console.print(f"{name}: {what}: {figure}", highlight=False)
                mode, _, rest = what.partition(": ")
                figures[(name, rest) if mode in MODES else (name, what)][mode if mode in MODES else EITHER] = figure
    table = Table("bench", "what")
    for column in (*MODES, EITHER):
        table.add_column(column, justify="right")
    for (name, what), found in figures.items():
        table.add_row(name, what, *(found.get(column, "") for column in (*MODES, EITHER)))
    Console(width=WIDTH).print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
