"""What a container allows, as Linux tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from wiredesk.container import LEAST_BYTES, MEBIBYTE, ROLE_BYTES, WORKER_BYTES, memory_limit, memory_of_each, share_of

V2, V1 = "sys/fs/cgroup/{}memory.max", "sys/fs/cgroup/memory/{}memory.limit_in_bytes"
NO_LIMIT = "9223372036854771712"


def told(root: Path, groups: str, **limits: str) -> Path:
    """A `/` with these groups of this process and limits by file."""
    for name, text in ({"proc/self/cgroup": groups} | limits).items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")
    return root


@pytest.mark.parametrize(
    ("groups", "limits", "limit"),
    [
        ("0::/", {V2.format(""): "536870912"}, 536870912),
        ("0::/", {V2.format(""): "max"}, None),
        ("0::/kube/pod1/c1", {V2.format("kube/pod1/"): "1000", V2.format("kube/pod1/c1/"): "max"}, 1000),
        ("0::/kube/c1", {V2.format(""): "3000", V2.format("kube/c1/"): "2000"}, 2000),
        ("5:memory:/docker/abc\n0::/", {V1.format(""): "1073741824"}, 1073741824),
        ("5:memory:/docker/abc", {V1.format("docker/abc/"): "1000", V1.format(""): NO_LIMIT}, 1000),
        ("3:cpu,cpuacct:/\n5:memory:/", {V1.format(""): NO_LIMIT}, None),
        ("3:cpu:/", {V1.format(""): "1000"}, None),
        ("odd\n0::/", {V2.format(""): "not a number"}, None),
    ],
)
def test_the_least_limit_of_the_group_and_those_above_counts(
    groups: str, limits: dict[str, str], limit: int | None, tmp_path: Path
) -> None:
    assert memory_limit(root=told(tmp_path, groups, **limits)) == limit


def test_where_nothing_is_told_nothing_limits(tmp_path: Path) -> None:
    assert memory_of_each(2, root=tmp_path) is None


def test_workers_share_what_the_role_leaves_of_its_container(tmp_path: Path) -> None:
    each = memory_of_each(2, root=told(tmp_path, "0::/", **{V2.format(""): str(1024 * MEBIBYTE)}))

    assert each is not None
    assert ROLE_BYTES + 2 * (WORKER_BYTES + each) == 1024 * MEBIBYTE


def test_a_container_that_is_too_small_leaves_each_enough_for_an_ordinary_page() -> None:
    assert share_of(64 * MEBIBYTE, workers=4) == LEAST_BYTES
