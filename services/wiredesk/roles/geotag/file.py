"""Where the compiled gazetteer lies, and making it where it is not there yet."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from wiredesk.errors import Misconfigured
from wiredesk.roles.geotag.compile import Progress, gather
from wiredesk.roles.geotag.gazetteer import VERSION, Gazetteer, write

NAME = f"gazetteer-{VERSION}.bin"


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
    """`build` for a worker process."""
    build(Path(target), lambda share, what: None)


def _is_usable(path: Path) -> bool:
    try:
        with Gazetteer(path) as gazetteer:
            return gazetteer.version == VERSION
    except Misconfigured:
        return False
