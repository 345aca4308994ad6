"""The places file, for commands that tag or know regions."""

from __future__ import annotations

from wiredesk.config import Config
from wiredesk.roles.geotag.overlay import NOTHING_OWN, Overlay
from wiredesk.roles.geotag.places_toml import read_file


def overlay_of(config: Config) -> Overlay:
    """What the places file says, nothing where none is set. Raises `Misconfigured` with line and reason."""
    return NOTHING_OWN if config.places_file is None else read_file(config.places_file)
