"""`wiredesk geotag`: the places and regions of one text, for people."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from wiredesk.cli.gazetteer import open_gazetteer
from wiredesk.cli.output import json_line, line, rows
from wiredesk.cli.places import overlay_of
from wiredesk.cli.settings import AsJson, EnvFile, Places, allowed, quiet_settings, run_async
from wiredesk.cli.texts import input_text
from wiredesk.events import Place
from wiredesk.roles.geotag.tag import tag

PLACES = ("field", "offsets", "text", "place", "kind", "in", "geoname", "confidence")
REGIONS = ("code", "name", "kind", "score")


def geotag(
    what: Annotated[
        str,
        typer.Argument(metavar="TEXT|FILE|URL", help="A text, a file of text or HTML, a URL, or - for standard input."),
    ],
    title: Annotated[str, typer.Option(help="The title of a text that comes without.")] = "",
    allow: Annotated[
        list[str] | None, typer.Option("--allow", help="CIDR that may be dialled though not public.")
    ] = None,
    places: Places = None,
    as_json: AsJson = False,
    env_file: EnvFile = None,
) -> None:
    """Show which places a text names, where they stand in it, and which regions it is about."""
    config = quiet_settings(env_file, places_file=places, **allowed(allow))
    overlay = overlay_of(config)
    text = run_async(input_text(config, what))
    with open_gazetteer(config) as gazetteer:
        tagged = tag({"title": title or text.title, "text": text.text}, gazetteer, overlay=overlay)
    if as_json:
        json_line({"title": title or text.title, "text": text.text, "places": tagged.places, "regions": tagged.regions})
        return
    rows([_row(place) for place in tagged.places], columns=PLACES, as_json=False, empty="no places")
    if tagged.regions:
        line("")
    regions = [msgspec.structs.asdict(region) for region in tagged.regions]
    rows(regions, columns=REGIONS, as_json=False, empty="no regions")


def _row(place: Place) -> dict[str, object]:
    return {
        "field": place.field,
        "offsets": f"{place.start}-{place.end}",
        "text": place.text,
        "place": place.name,
        "kind": place.kind,
        "in": place.unit or place.country,
        "geoname": place.geoname_id,
        "confidence": place.confidence,
    }
