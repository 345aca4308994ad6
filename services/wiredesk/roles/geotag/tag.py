"""A text's places and regions: read, resolve, focus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from wiredesk.events import Place, Region
from wiredesk.roles.geotag.compile import unit_rows
from wiredesk.roles.geotag.find import DEMONYM, WIDE, Mention, read
from wiredesk.roles.geotag.focus import regions
from wiredesk.roles.geotag.gazetteer import Gazetteer
from wiredesk.roles.geotag.hand import DEMONYMS
from wiredesk.roles.geotag.resolve import resolve

MAX_PLACES = 300
MAX_CHARACTERS = 60_000
"""Places beyond this much text change nothing about what an item is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """Places in order of the text, regions best first."""

    places: tuple[Place, ...]
    regions: tuple[Region, ...]


def tag(fields: Mapping[str, str], gazetteer: Gazetteer) -> Tagged:
    """The places of an item's fields, `title` and `text`, resolved together."""
    found: dict[str, Sequence[Mention]] = {}
    offset = len(fields.get("title", "")) + 2
    # One reading of both: what the title names helps to tell what the text means.
    whole = f"{fields.get('title', '')}\n\n{fields.get('text', '')[:MAX_CHARACTERS]}"
    mentions = resolve(read(whole, gazetteer))
    found["title"] = [mention for mention in mentions if mention.end <= offset - 2]
    found["text"] = [_moved(mention, -offset) for mention in mentions if mention.start >= offset]
    places = [_place(mention, name) for name, each in found.items() for mention in each]
    return Tagged(
        places=tuple(place for place in places if place is not None)[:MAX_PLACES],
        regions=regions(found["title"], found["text"], names=region_names()),
    )


def _moved(mention: Mention, by: int) -> Mention:
    mention.start += by
    mention.end += by
    return mention


def _place(mention: Mention, field: str) -> Place | None:
    if mention.kind == WIDE:
        return None
    if mention.kind == DEMONYM:
        country = DEMONYMS[mention.key]
        return Place(
            field=field, text=mention.text, start=mention.start, end=mention.end,
            name=region_names().get(country, country), kind="demonym", country=country, confidence=0.95,
        )  # fmt: skip
    assert mention.chosen is not None
    entity = mention.chosen.entity
    return Place(
        field=field, text=mention.text, start=mention.start, end=mention.end, name=entity.name, kind=entity.kind,
        geoname_id=entity.geoname_id, latitude=entity.latitude, longitude=entity.longitude, country=entity.country,
        unit=entity.unit or None, confidence=round(mention.confidence, 3),
    )  # fmt: skip


@cache
def region_names() -> dict[str, str]:
    """English names by ISO 3166-1, ISO 3166-2 and M49 code."""
    from babel import Locale

    names = {str(code): str(name) for code, name in Locale.parse("en").territories.items()}
    for iso, _, _, name, others in unit_rows():
        shown = next((other for other in others.split("|") if other and other.isascii()), name)
        names[iso] = shown
    return names
