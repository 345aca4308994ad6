"""The places file in force: a change of it takes effect while the role runs, a bad one is refused and the old one stays."""

from __future__ import annotations

import asyncio
from pathlib import Path

from wiredesk import config_reload
from wiredesk.errors import Misconfigured
from wiredesk.observe import Health, log
from wiredesk.roles.geotag.overlay import NOTHING_OWN, Overlay
from wiredesk.roles.geotag.places_toml import from_toml
from wiredesk.stop import Stop
from wiredesk.toml_file import body_of

_log = log(__name__)


class PlacesFile:
    """What the file at `path` says; without a path, nothing. `load` comes before anything is tagged."""

    def __init__(self, path: Path | None, *, health: Health) -> None:
        self._path, self._health = path, health
        self._body: bytes | None = None
        self._in_force = NOTHING_OWN

    def in_force(self) -> Overlay:
        """The overlay as last read."""
        return self._in_force

    async def load(self) -> None:
        """Read the file. Raises `Misconfigured`, with line and reason, where it is wrong, and changes nothing then."""
        if self._path is not None:
            await asyncio.to_thread(self._read, self._path)

    def _read(self, path: Path) -> None:
        body = body_of(path)
        if body == self._body:
            return
        if not body and self._body:
            # Most likely caught between truncating and writing.
            raise Misconfigured(f"{path}: empty; to have no places leave a comment in it")
        read = from_toml(body, name=str(path))
        self._body, self._in_force = body, read
        _log.info(
            "geotag.places_applied",
            path=str(path),
            places=len(read.places),
            areas=len(read.watch.areas),
            ignored=len(read.ignored),
        )

    async def run(self, stop: Stop) -> None:
        """Read the file again whenever it changes, until `stop`. Raises `Misconfigured` where it is wrong at the beginning."""
        if self._path is not None:
            await config_reload.in_force(
                self.load, self._path, stop, name="places", refused="geotag.places_refused", health=self._health
            )
