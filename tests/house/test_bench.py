"""`make bench` runs every module there is."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

from tests import bench

NAMES = [module.name for module in pkgutil.iter_modules(bench.__path__) if not module.name.startswith("_")]


@pytest.mark.parametrize("name", NAMES)
def test_every_module_of_the_bench_can_be_run(name: str) -> None:
    assert callable(importlib.import_module(f"tests.bench.{name}").run)
