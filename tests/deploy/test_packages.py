"""`.ci/packages`: who cannot install is told what stays untested, and nothing fails."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.deploy.tools import ROOT

PROGRAMS = ("chromium", "promtool", "openssl", "kcat")
NOBODY = "echo 1000"  # what `id -u` says of whoever is not root
REFUSE = 'echo "asked for $*"; exit 100'


def packages(folder: Path, *, has: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run by somebody else than root on whose path nothing is but `has` and the package manager."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    for name, line in {**dict.fromkeys(has, "exit 0"), "id": NOBODY, "apt-get": REFUSE}.items():
        (folder / name).write_text(f"#!{bash}\n{line}\n")
        (folder / name).chmod(0o755)
    return subprocess.run(
        [bash, ROOT / ".ci" / "packages"],
        env={"PATH": str(folder)},
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_what_cannot_be_installed_is_told_loudly_and_fails_nothing(tmp_path: Path) -> None:
    ended = packages(tmp_path, has=["chromium", "openssl"])

    assert (ended.returncode, ended.stdout) == (0, "")
    assert ended.stderr.splitlines() == [
        f"!!! NOT INSTALLED: Debian's {package}; the tests that need it skip" for package in ("prometheus", "kcat")
    ]


def test_where_everything_is_there_nothing_is_done(tmp_path: Path) -> None:
    ended = packages(tmp_path, has=PROGRAMS)

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
