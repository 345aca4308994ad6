"""How much memory this process and its workers may use, as their container says (cgroup, version 2 or 1)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

MEBIBYTE = 1024 * 1024

ROLE_BYTES = 192 * MEBIBYTE
"""What the process of a role uses beside its workers: `pages` 115 MB and `feeds` 106 MB at rest, and bodies in flight."""

WORKER_BYTES = 64 * MEBIBYTE
"""What a worker process uses before its first call: 45 MB with the parsers of pages and feeds."""

LEAST_BYTES = 64 * MEBIBYTE
"""Less reads no ordinary page."""


def memory_of_each(workers: int, *, root: Path = Path("/")) -> int | None:
    """What one call in each of so many worker processes may use beyond what it starts with; None where nothing limits it.

    So that a page that wants too much overruns alone, before the kernel ends the container with all that is in work.
    """
    limit = memory_limit(root=root)
    return None if limit is None else share_of(limit, workers=workers)


def share_of(limit_bytes: int, *, workers: int) -> int:
    """An equal share of what the role leaves of `limit_bytes`."""
    return max(LEAST_BYTES, (limit_bytes - ROLE_BYTES) // workers - WORKER_BYTES)


def memory_limit(*, root: Path = Path("/")) -> int | None:
    """The least limit of this process's control group and those above it, bytes; None where there is none.

    `root` is where `proc` and `sys` are.
    """
    limits = [limit for file in _files(root) if (limit := _limit_in(file)) is not None]
    return min(limits, default=None)


def _files(root: Path) -> Iterator[Path]:
    """Where limits may stand: `0::/path` is version 2, `4:memory:/path` version 1 (cgroups(7))."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2) if line.count(":") >= 2 else ("", "-", "/")
        if controllers == "":
            mount, name = root / "sys/fs/cgroup", "memory.max"
        elif "memory" in controllers.split(","):
            mount, name = root / "sys/fs/cgroup/memory", "memory.limit_in_bytes"
        else:
            continue
        # Within a container the group's own folder is often what is mounted, whatever path is named.
        group = Path(path.lstrip("/"))
        yield from (mount / above / name for above in (group, *group.parents))


def _limit_in(file: Path) -> int | None:
    try:
        text = file.read_text().strip()
    except OSError:
        return None
    # Version 1 says "no limit" with a number near 2**63.
    return int(text) if text.isascii() and text.isdigit() and int(text) < 2**60 else None
