"""What SECURITY.md promises is held by tests that there are."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "SECURITY.md").read_text("utf-8")
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def _tests_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_test_that_it_names_is_there() -> None:
    named = TEST.findall(PAGE)

    assert [f"{path}::{name}" for path, name in named if name not in _tests_of(ROOT / path)] == []
    assert len(named) >= 15


def test_every_promise_names_a_test() -> None:
    table = PAGE.partition("## What is promised")[2].partition("\n## ")[0]
    rows = [row for row in table.splitlines() if row.startswith("| ")][1:]

    assert [row for row in rows if not TEST.search(row)] == []
