"""Builds the role `geotag`: tagging items, once the gazetteer is compiled."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wiredesk.observe import Health
from wiredesk.roles.geotag import gazetteer_file
from wiredesk.roles.geotag.gazetteer import Gazetteer
from wiredesk.roles.geotag.places_file import PlacesFile
from wiredesk.roles.geotag.stage import Geotag
from wiredesk.roles.reads import GEOTAG
from wiredesk.roles.shared import Shared
from wiredesk.stop import Runs, Stop, together


@dataclass(frozen=True, slots=True, kw_only=True)
class GeotagConfig:
    """Where a compiled gazetteer lies or is written to, and the operator's own places."""

    home: Path
    places_file: Path | None


async def build(shared: Shared, config: GeotagConfig, health: Health) -> Runs:
    """Tagging what is unique. Raises `Misconfigured` where the places file is wrong."""
    places = PlacesFile(config.places_file, health=health)
    await places.load()

    async def tagging(stop: Stop) -> None:
        # Where no image carries the gazetteer it is compiled here, while feeds poll already.
        path = await stop.unless(gazetteer_file.ready(config.home, health=health))
        if path is None:
            return
        with Gazetteer(path) as gazetteer:
            stage = Geotag(
                gazetteer, focus_of=shared.database.items.regions_of, now=shared.now, overlay=places.in_force
            )
            await together([places.run, shared.consuming(GEOTAG, stage, health)], stop)

    return [tagging, shared.probing_database(health)]
