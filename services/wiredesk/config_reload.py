"""Reloads a file that an operator edits while a role runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from watchfiles import Change, awatch

from wiredesk.errors import Misconfigured
from wiredesk.observe import DEPENDENCY_UP, Health, log
from wiredesk.stop import Stop

_log = log(__name__)


async def in_force(
    load: Callable[[], Awaitable[None]], path: Path, stop: Stop, *, name: str, refused: str, health: Health
) -> None:
    """`load` now and after each change of the file, until `stop`; a file that it refuses leaves the last one in force.

    `name` is what the gauge calls the file, `refused` the event that the log tells of. Raises `Misconfigured`, as `load` does, where the file is wrong at the beginning.
    """
    loaded = _version(path)
    await load()
    gauge = DEPENDENCY_UP.labels(health.role, name)
    gauge.set(1)
    async for _ in changes(path, stop):
        version = _version(path)
        # The folder may hold files that change all the time, such as our own. What was refused is tried at any
        # change: it may have been refused for a file that it names.
        if version == loaded:
            continue
        loaded = version
        try:
            await load()
        except Misconfigured as error:
            # No dependency is away, so the role stays ready. The gauge tells.
            gauge.set(0)
            loaded = None
            _log.error(refused, path=str(path), error=str(error))
        else:
            gauge.set(1)


async def changes(path: Path, stop: Stop) -> AsyncIterator[None]:
    """Yields after each change in the folder of `path`, until `stop`; never for the present state."""
    # The folder, as editors and Kubernetes replace files instead of writing them.
    watcher = awatch(path.parent, recursive=False, debounce=400, step=50, rust_timeout=1_000)
    while await stop.unless(_next(watcher)):
        yield


def _version(path: Path) -> tuple[int, ...] | None:
    """What differs when the file was written, or another put in its place; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


async def _next(watcher: AsyncIterator[set[tuple[Change, str]]]) -> set[tuple[Change, str]] | None:
    return await anext(watcher, None)
