"""Where the compiled gazetteer lies, and making it where it is not there yet."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

from wiredesk.errors import Misconfigured, Overrun
from wiredesk.observe import Health, log
from wiredesk.roles.geotag.compile import Progress, gather
from wiredesk.roles.geotag.gazetteer import VERSION, Gazetteer, write
from wiredesk.workers import Limits, Workers

_log = log(__name__)

NAME = f"gazetteer-{VERSION}.bin"

BUILD_LIMITS = Limits(cpu=timedelta(minutes=5), wall=timedelta(minutes=10), memory_bytes=4 * 1024**3)
"""Measured: 14 s and 1 GB."""

LOW_PRIORITY = 15
"""Of 19."""


def packaged() -> Path:
    """Where an image carries it."""
    return Path(str(files("wiredesk.roles.geotag").joinpath("data", NAME)))


def found(home: Path) -> Path | None:
    """The compiled file, packaged or in `home`; None where it must be built first."""
    for path in (packaged(), home / NAME):
        if path.exists() and _is_usable(path):
            return path
    return None


def build(target: Path, progress: Progress) -> Path:
    """Compile it: some fifteen seconds of CPU and a gigabyte of memory, so in a process of its own."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        places = gather(progress)
        progress(0.85, "writing")
        write(places, target)
    except OSError as error:
        raise Misconfigured(f"gazetteer {target}: {error.strerror or error}") from error
    progress(1.0, "done")
    return target


def build_quietly(target: str) -> None:
    """`build` for a worker process, giving way to those that poll and fetch meanwhile.

    In a thread, as Linux keeps priorities by thread and none may raise its own again: the process is reused.
    """

    def work() -> None:
        if sys.platform == "linux":
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOW_PRIORITY)
        build(Path(target), lambda share, what: None)

    with ThreadPoolExecutor(1) as threads:
        threads.submit(work).result()


async def ready(home: Path, *, health: Health) -> Path:
    """The compiled file; compiled in a process of its own where there is none, not ready meanwhile.

    Raises `Misconfigured` where it cannot be compiled or written.
    """
    path = found(home)
    if path is not None:
        return path
    target = (home / NAME).absolute()
    _log.info("geotag.gazetteer_building", path=str(target))
    health.lost("gazetteer", f"being compiled to {target}")
    try:
        # Not one of the shared workers: it would keep feeds and pages waiting.
        await Workers(1).run(build_quietly, str(target), limits=BUILD_LIMITS)
    except Overrun as error:
        raise Misconfigured(
            f"gazetteer {target}: {error}; `wiredesk gazetteer build` shows how far it comes"
        ) from error
    health.found()
    _log.info("geotag.gazetteer_built", path=str(target))
    return target


def _is_usable(path: Path) -> bool:
    try:
        with Gazetteer(path) as gazetteer:
            return gazetteer.version == VERSION
    except Misconfigured:
        return False
