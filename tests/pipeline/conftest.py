"""What a whole pipeline needs: the compiled gazetteer, made once and kept between runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wiredesk.roles.geotag.file import NAME, build_quietly, found


@pytest.fixture(scope="session")
def gazetteer(request: pytest.FixtureRequest) -> Path:
    """The compiled file; fifteen seconds where no earlier run has left it."""
    cache = request.config.cache
    folder = cache.mkdir("gazetteer") if cache else request.getfixturevalue("tmp_path_factory").mktemp("gazetteer")
    path = found(folder)
    if path is None:
        path = folder / NAME
        build_quietly(str(path))
    return path


@pytest.fixture
def home(tmp_path: Path, gazetteer: Path) -> Path:
    """A home folder of its own, with the gazetteer."""
    folder = tmp_path / "home"
    folder.mkdir()
    os.symlink(gazetteer, folder / NAME)
    return folder
