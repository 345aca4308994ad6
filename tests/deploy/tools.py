"""The programs that check what is not Python."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def tool(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """`name` of our own environments, else of the system; skips the test where there is none, saying so."""
    programs = Path(sys.executable).parent
    ours = [folder / name for folder in (programs, programs.parent / "policies" / "bin") if (folder / name).exists()]
    found = str(ours[0]) if ours else shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return subprocess.run(
        [found, *map(str, arguments)], cwd=ROOT, check=False, capture_output=True, text=True, timeout=120
    )


def assert_clean(ended: subprocess.CompletedProcess[str]) -> None:
    """It found nothing to say."""
    assert ended.returncode == 0, ended.stdout + ended.stderr


def assert_refused(ended: subprocess.CompletedProcess[str], *, naming: str) -> None:
    """It found the fault, and said which."""
    assert ended.returncode != 0
    assert naming in ended.stdout + ended.stderr


def with_fault(file: Path, folder: Path, *, instead_of: str, write: str) -> Path:
    """A copy of `file` with a planted fault."""
    text = file.read_text("utf-8")
    assert instead_of in text, f"{file} no longer holds {instead_of!r}: plant another fault"
    copy = folder / file.name
    copy.write_text(text.replace(instead_of, write, 1), "utf-8")
    return copy
