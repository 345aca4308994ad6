"""`python -m tests.bench [NAME…]`: measures, and prints one table. Compare rows of one run, never of two."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from tests import bench


def main(wanted: Sequence[str]) -> None:
    """Run every bench, or those named."""
    names = [module.name for module in pkgutil.iter_modules(bench.__path__) if not module.name.startswith("_")]
    if unknown := set(wanted) - set(names):
        sys.exit(f"unknown bench {', '.join(sorted(unknown))}: expected some of {', '.join(names)}")
    table = Table("bench", "what", "figure")
    table.columns[-1].justify = "right"
    console = Console(stderr=True)
    for name in wanted or names:
        with console.status(f"{name} …"):
            for what, figure in importlib.import_module(f"tests.bench.{name}").run():
                console.print(f"{name}: {what}: {figure}", highlight=False)
                table.add_row(name, what, figure)
    Console().print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
