"""Policies, by checkov."""

from __future__ import annotations

from pathlib import Path
from subprocess import CompletedProcess

from tests.deploy.kubernetes import built
from tests.deploy.tools import ROOT, assert_clean, assert_refused, tool


def _checked(text: str, folder: Path) -> CompletedProcess[str]:
    (folder / "built.yaml").write_text(text, "utf-8")
    (folder / "Dockerfile").write_bytes((ROOT / "Dockerfile").read_bytes())
    return tool("checkov", "--config-file", ROOT / "k8s" / "checkov.yaml", "--directory", folder)


def test_checkov_finds_nothing_but_the_written_exceptions(tmp_path: Path) -> None:
    assert_clean(_checked(built("prod"), tmp_path))


def test_checkov_finds_a_root_that_can_be_written_to(tmp_path: Path) -> None:
    text = built("prod")
    faulty = text.replace("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", 1)
    assert faulty != text

    assert_refused(_checked(faulty, tmp_path), naming="CKV_K8S_22")
