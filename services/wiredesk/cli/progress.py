"""How far something long has come: a bar on a terminal, a line a step elsewhere; always on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

Tell: TypeAlias = Callable[[float, str], None]
"""Takes the share done, 0 to 1, and what is being done."""


@contextmanager
def shown(title: str) -> Iterator[Tell]:
    """What to call with each step."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(title)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=1.0)
        yield lambda share, what: bar.update(task, completed=share, description=f"{title}: {what}")


def _lines(title: str) -> Tell:
    steps: list[tuple[int, str]] = []

    def tell(share: float, what: str) -> None:
        step = (int(share * 10), what)  # a line each tenth is enough for a log
        if step not in steps:
            steps.append(step)
            sys.stderr.write(f"{title}: {share:4.0%} {what}\n")

    return tell
