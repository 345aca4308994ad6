"""The command line in this process: real `main`, real database, none of the second that a start costs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.desk import Desk


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Desk:
    """A home folder of its own and the commands that work on it."""
    return Desk(home=tmp_path / "home", monkeypatch=monkeypatch, capfd=capfd)
