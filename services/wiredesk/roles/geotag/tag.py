"""A text's places and regions: read, resolve, focus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from wiredesk.events import Place, Region
from wiredesk.events.kinds import PlaceField
from wiredesk.roles.geotag.compile import shown_name, unit_rows
from wiredesk.roles.geotag.entities import CITY, Entity
from wiredesk.roles.geotag.focus import Weighted, best_first, regions, weighted
from wiredesk.roles.geotag.gazetteer import Gazetteer
from wiredesk.roles.geotag.mention import DEMONYM, WIDE, Mention
from wiredesk.roles.geotag.overlay import NOTHING_OWN, Overlay
from wiredesk.roles.geotag.prior import NOTHING, Prior
from wiredesk.roles.geotag.recognise import read
from wiredesk.roles.geotag.resolve import resolve

MAX_PLACES = 300
MAX_CHARACTERS = 60_000
"""Places beyond this much text change nothing about what an item is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """Places in order of the text, regions best first."""

    places: tuple[Place, ...]
    regions: tuple[Region, ...]


def tag(
    fields: Mapping[str, str], gazetteer: Gazetteer, prior: Prior = NOTHING, *, overlay: Overlay = NOTHING_OWN
) -> Tagged:
    """The places of an item's fields, `title` and `text`, resolved together and with what is known before."""
    by_field: dict[PlaceField, Sequence[Mention]] = {}
    offset = len(fields.get("title", "")) + 2
    # One reading of both: what the title names helps to tell what the text means.
    whole = f"{fields.get('title', '')}\n\n{fields.get('text', '')[:MAX_CHARACTERS]}"
    mentions = resolve(read(whole, gazetteer, overlay), prior)
    by_field["title"] = [mention for mention in mentions if mention.end <= offset - 2]
    by_field["text"] = [_moved(mention, -offset) for mention in mentions if mention.start >= offset]
    places = [_place(mention, name, mentions) for name, each in by_field.items() for mention in each]
    return Tagged(places=tuple(places[:MAX_PLACES]), regions=_regions(weighted(**by_field), overlay))


def _regions(mentions: Sequence[Weighted], overlay: Overlay) -> tuple[Region, ...]:
    focus = regions(mentions, names=region_names())
    own = overlay.watch.in_focus(mentions, focus) if overlay.watch.areas else ()
    return tuple(best_first([*focus, *own])) if own else focus


def _moved(mention: Mention, by: int) -> Mention:
    mention.start += by
    mention.end += by
    return mention


def _place(mention: Mention, field: PlaceField, mentions: Sequence[Mention]) -> Place:
    if mention.kind in (DEMONYM, WIDE):
        return _coded(mention, field)
    near = _nearest(mention, mentions)
    if mention.chosen is None:
        return Place(
            field=field,
            text=mention.text,
            start=mention.start,
            end=mention.end,
            name=mention.text,
            kind=mention.kind,
            latitude=near.latitude if near else None,
            longitude=near.longitude if near else None,
            country=near.country if near else None,
            unit=(near.unit or None) if near else None,
            confidence=round(mention.confidence, 3),
        )
    entity = mention.chosen.entity
    at = entity if entity.latitude is not None else near
    return Place(
        field=field,
        text=mention.text,
        start=mention.start,
        end=mention.end,
        name=entity.name,
        kind=entity.kind,
        geoname_id=entity.geoname_id,
        latitude=at.latitude if at else None,
        longitude=at.longitude if at else None,
        country=entity.country or None,
        unit=entity.unit or None,
        confidence=round(mention.confidence, 3),
    )


def _coded(mention: Mention, field: PlaceField) -> Place:
    entity = mention.chosen.entity if mention.chosen else None
    is_demonym = mention.kind == DEMONYM
    return Place(
        field=field,
        text=mention.text,
        start=mention.start,
        end=mention.end,
        name=region_names().get(mention.code, mention.text),
        kind="demonym" if is_demonym else "wide",
        geoname_id=entity.geoname_id if entity else None,
        latitude=entity.latitude if entity else None,
        longitude=entity.longitude if entity else None,
        country=mention.code[:2] if is_demonym else None,
        unit=mention.code if is_demonym and len(mention.code) > 2 else None,
        confidence=round(mention.confidence, 3),
    )


def _nearest(mention: Mention, mentions: Sequence[Mention]) -> Entity | None:
    """Where a place lies that no position is known of, a county or a street: at the town that the text names nearest to it.

    Of a county, one in the same unit.
    """
    if mention.chosen is not None and mention.chosen.entity.latitude is not None:
        return None
    unit = mention.chosen.entity.unit if mention.chosen else None
    towns = [
        (abs(other.start - mention.start), other.chosen.entity)
        for other in mentions
        if other.chosen and other.chosen.entity.kind == CITY and unit in (None, other.chosen.entity.unit)
    ]
    return min(towns, key=lambda town: town[0])[1] if towns else None


@cache
def region_names() -> dict[str, str]:
    """English names by ISO 3166-1, ISO 3166-2 and M49 code."""
    from babel import Locale

    names = {str(code): str(name) for code, name in Locale.parse("en").territories.items()}
    for iso, _, _, name, others in unit_rows():
        names[iso] = shown_name(name, others)
    return names
