"""A text's places and regions: read, resolve, focus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from wiredesk.events import Place, Region
from wiredesk.roles.geotag.compile import shown_name, unit_rows
from wiredesk.roles.geotag.entities import CITY
from wiredesk.roles.geotag.find import read
from wiredesk.roles.geotag.focus import regions
from wiredesk.roles.geotag.gazetteer import Gazetteer
from wiredesk.roles.geotag.mention import DEMONYM, WIDE, Mention
from wiredesk.roles.geotag.prior import NOTHING, Prior
from wiredesk.roles.geotag.resolve import resolve

MAX_PLACES = 300
MAX_CHARACTERS = 60_000
"""Places beyond this much text change nothing about what an item is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """Places in order of the text, regions best first."""

    places: tuple[Place, ...]
    regions: tuple[Region, ...]


def tag(fields: Mapping[str, str], gazetteer: Gazetteer, prior: Prior = NOTHING) -> Tagged:
    """The places of an item's fields, `title` and `text`, resolved together and with what is known before."""
    found: dict[str, Sequence[Mention]] = {}
    offset = len(fields.get("title", "")) + 2
    # One reading of both: what the title names helps to tell what the text means.
    whole = f"{fields.get('title', '')}\n\n{fields.get('text', '')[:MAX_CHARACTERS]}"
    mentions = resolve(read(whole, gazetteer), prior)
    found["title"] = [mention for mention in mentions if mention.end <= offset - 2]
    found["text"] = [_moved(mention, -offset) for mention in mentions if mention.start >= offset]
    places = [_place(mention, name, mentions) for name, each in found.items() for mention in each]
    return Tagged(
        places=tuple(places[:MAX_PLACES]),
        regions=regions(found["title"], found["text"], names=region_names()),
    )


def _moved(mention: Mention, by: int) -> Mention:
    mention.start += by
    mention.end += by
    return mention


def _place(mention: Mention, field: str, mentions: Sequence[Mention]) -> Place:
    if mention.kind in (DEMONYM, WIDE):
        return _coded(mention, field)
    assert mention.chosen is not None
    entity = mention.chosen.entity
    latitude, longitude = _position(mention, mentions)
    return Place(
        field=field, text=mention.text, start=mention.start, end=mention.end, name=entity.name, kind=entity.kind,
        geoname_id=entity.geoname_id, latitude=latitude, longitude=longitude, country=entity.country or None,
        unit=entity.unit or None, confidence=round(mention.confidence, 3),
    )  # fmt: skip


def _coded(mention: Mention, field: str) -> Place:
    entity = mention.chosen.entity if mention.chosen else None
    is_demonym = mention.kind == DEMONYM
    return Place(
        field=field, text=mention.text, start=mention.start, end=mention.end,
        name=region_names().get(mention.code, mention.text), kind="demonym" if is_demonym else "wide",
        geoname_id=entity.geoname_id if entity else None, latitude=entity.latitude if entity else None,
        longitude=entity.longitude if entity else None, country=mention.code[:2] if is_demonym else None,
        unit=mention.code if is_demonym and len(mention.code) > 2 else None, confidence=round(mention.confidence, 3),
    )  # fmt: skip


def _position(mention: Mention, mentions: Sequence[Mention]) -> tuple[float | None, float | None]:
    """Of a place that the gazetteer knows no position of, such as a county, that of what stands nearest and lies in its unit."""
    assert mention.chosen is not None
    entity = mention.chosen.entity
    if entity.latitude is not None:
        return entity.latitude, entity.longitude
    inside = [
        other for other in mentions
        if other.chosen and other.chosen.entity.kind == CITY and other.chosen.entity.unit == entity.unit
    ]  # fmt: skip
    nearest = min(inside, key=lambda other: abs(other.start - mention.start), default=None)
    if nearest is None or nearest.chosen is None:
        return None, None
    return nearest.chosen.entity.latitude, nearest.chosen.entity.longitude


@cache
def region_names() -> dict[str, str]:
    """English names by ISO 3166-1, ISO 3166-2 and M49 code."""
    from babel import Locale

    names = {str(code): str(name) for code, name in Locale.parse("en").territories.items()}
    for iso, _, _, name, others in unit_rows():
        names[iso] = shown_name(name, others)
    return names
