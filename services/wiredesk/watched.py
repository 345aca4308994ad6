"""Files that an operator edits while a role runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from watchfiles import Change, awatch

from wiredesk.stop import Stop


async def changes(path: Path, stop: Stop) -> AsyncIterator[None]:
    """One each time that something changes beside `path`, until `stop`; the first is a change, not the present state."""
    # The folder, as editors and Kubernetes replace files instead of writing them.
    found = awatch(path.parent, recursive=False, debounce=400, step=50, rust_timeout=1_000)
    while await stop.unless(_next(found)):
        yield


async def _next(found: AsyncIterator[set[tuple[Change, str]]]) -> set[tuple[Change, str]] | None:
    return await anext(found, None)
