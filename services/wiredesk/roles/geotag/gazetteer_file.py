"""Finds the compiled gazetteer, and compiles it where it is missing.

python -m wiredesk.roles.geotag.gazetteer_file TARGET    compiles it, as `ready` does
"""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from importlib.resources import files
from pathlib import Path

from wiredesk.errors import Misconfigured
from wiredesk.observe import Health, log
from wiredesk.roles.geotag.compile import Progress, gather
from wiredesk.roles.geotag.gazetteer import VERSION, Gazetteer, write

_log = log(__name__)

NAME = f"gazetteer-{VERSION}.bin"

BUILD_SECONDS = 600.0
"""Measured: 14 s of CPU and 1 GB."""

LOW_PRIORITY = 10
"""Of 19."""


def packaged() -> Path:
    """Where an installation carries it, beside the code."""
    return Path(str(files("wiredesk.roles.geotag").joinpath("data", NAME)))


def stored_path(home: Path) -> Path | None:
    """The compiled file, packaged or in `home`; None where it must be built first."""
    for path in (packaged(), home / NAME):
        if path.exists() and _is_usable(path):
            return path
    return None


def _quietly(share: float, what: str) -> None:
    """Report no progress."""


def build(target: Path, progress: Progress = _quietly) -> Path:
    """Compile it: some fifteen seconds of CPU and a gigabyte of memory."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        places = gather(progress)
        progress(0.85, "writing")
        write(places, target)
    except OSError as error:
        raise Misconfigured(f"gazetteer {target}: {error.strerror or error}") from error
    progress(1.0, "done")
    return target


async def ready(home: Path, *, health: Health) -> Path:
    """The compiled file; compiled in a process of its own where there is none, not ready meanwhile.

    Raises `Misconfigured` where it cannot be compiled or written.
    """
    path = stored_path(home)
    if path is not None:
        return path
    target = (home / NAME).absolute()
    _log.info("geotag.gazetteer_building", path=str(target))
    health.lost("gazetteer", "being compiled, once, which takes about a minute")
    await _built_apart(target)
    health.found("gazetteer")
    _log.info("geotag.gazetteer_built", path=str(target))
    return target


async def _built_apart(target: Path) -> None:
    """In a process of its own that gives way to those which poll and fetch, and whose memory is given back with its end."""
    # -P: a folder `wiredesk` where the command was typed is not ours.
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", __name__, str(target), stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE
    )
    try:
        os.setpriority(os.PRIO_PROCESS, process.pid, LOW_PRIORITY)
        async with asyncio.timeout(BUILD_SECONDS):
            _, said = await process.communicate()
    except TimeoutError as error:
        raise Misconfigured(
            f"gazetteer {target}: not compiled within {BUILD_SECONDS:g} s; `wiredesk gazetteer build` shows how far it comes"
        ) from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        last = said.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise Misconfigured(last or f"gazetteer {target}: its compiler ended with status {process.returncode}")


def _is_usable(path: Path) -> bool:
    try:
        with Gazetteer(path) as gazetteer:
            return gazetteer.version == VERSION
    except Misconfigured:
        return False


if __name__ == "__main__":
    try:
        build(Path(sys.argv[1]))
    except Misconfigured as error:
        sys.exit(str(error))
