"""What events are made of: times, verdicts, stories, places, regions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta, Struct

from wiredesk.events.kinds import PlaceField, RegionKind, TextSource, VerdictKind

Time: TypeAlias = Annotated[datetime, Meta(tz=True)]
"""An instant; whatever its offset, it is UTC once decoded or constructed."""


def to_utc(struct: Struct, names: tuple[str, ...]) -> None:
    """Bring the instants under `names` to UTC."""
    for name in names:
        value = getattr(struct, name)
        if value is not None and value.tzinfo is not UTC:
            msgspec.structs.force_setattr(struct, name, value.astimezone(UTC))


class Times(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When what happened to this item; each set by the role that did it, so latency is a fact of the message."""

    published: Annotated[Time | None, Meta(description="when the publisher says it was published")] = None
    seen: Annotated[Time | None, Meta(description="when its feed showed it first")] = None
    fetched: Annotated[
        Time | None, Meta(description="when its page was fetched; absent where the feed's own content was taken")
    ] = None
    collected: Annotated[Time | None, Meta(description="when article or comment had been taken out")] = None
    deduplicated: Annotated[Time | None, Meta(description="when the verdict was given")] = None
    geotagged: Annotated[Time | None, Meta(description="when places and regions were found")] = None

    def __post_init__(self) -> None:
        """Normalise to UTC."""
        to_utc(self, self.__struct_fields__)


class Extraction(Struct, frozen=True, kw_only=True):
    """How text was got: `source` is `page`, or `feed` where the page could not be had; confidence 0 to 1."""

    method: Annotated[
        str, Meta(description="how the text was got: trafilatura, feed, json-ld, microdata, ids, groups and so on")
    ]
    confidence: Annotated[float, Meta(ge=0, le=1, description="how far it can be trusted, 0 to 1")]
    source: Annotated[
        TextSource,
        Meta(description="`page`, or `feed` where the page could not be had and the feed's own content was taken"),
    ] = "page"


class Verdict(Struct, frozen=True, kw_only=True):
    """What dedupe found: `kind` is new, revision or duplicate; `of` the id of the earlier one; `changed` field names."""

    kind: Annotated[
        VerdictKind,
        Meta(description="`new`, `revision` (a changed text of an item known) or `duplicate` (a copy of another item)"),
    ]
    of: Annotated[
        str | None, Meta(description="of a revision the item's own id, of a duplicate the id of the original")
    ] = None
    how: Annotated[
        str,
        Meta(
            description="what told: first seen, fingerprint, same article, origin, near copy, update, correction or same comment"
        ),
    ] = ""
    score: Annotated[float | None, Meta(description="how alike the two are, 0 to 1, where that was measured")] = None
    changed: Annotated[tuple[str, ...], Meta(description="names of the fields that changed, of a revision")] = ()
    campaign: Annotated[
        str | None, Meta(description="comments with the same text under several articles share this name")
    ] = None


class Story(Struct, frozen=True, kw_only=True):
    """The story an article belongs to, as it stood when judged."""

    id: Annotated[str, Meta(description="the story's id: that of the article that founded it")]
    sources: Annotated[int, Meta(description="how many publishers had told it when this was judged")]
    items: Annotated[int, Meta(description="how many articles it had")]
    first_seen: Annotated[Time, Meta(description="when its first article was seen")]

    def __post_init__(self) -> None:
        """Normalise to UTC."""
        to_utc(self, ("first_seen",))


class Place(Struct, frozen=True, kw_only=True):
    """A place mentioned: `start` and `end` are code points into `field`; country ISO 3166-1, unit ISO 3166-2."""

    field: Annotated[PlaceField, Meta(description="`title` or `text`")]
    text: Annotated[str, Meta(description="the name as it stands there")]
    start: Annotated[int, Meta(description="where it begins in the field, in code points")]
    end: Annotated[int, Meta(description="where it ends, exclusive")]
    name: Annotated[str, Meta(description="the place's usual name")]
    kind: Annotated[
        str,
        Meta(
            description="country, unit (first level below it), city, area, demonym, wide, unlisted, or the kind given to an own place"
        ),
    ]
    geoname_id: Annotated[int | None, Meta(description="its GeoNames id")] = None
    latitude: Annotated[float | None, Meta(description="degrees, WGS 84")] = None
    longitude: Annotated[float | None, Meta(description="degrees, WGS 84")] = None
    country: Annotated[str | None, Meta(description="ISO 3166-1 alpha-2")] = None
    unit: Annotated[str | None, Meta(description="ISO 3166-2")] = None
    confidence: Annotated[float, Meta(description="how sure the name means this place, 0 to 1")]


class Region(Struct, frozen=True, kw_only=True):
    """A region in focus: ISO 3166-1 or -2, M49 or an own area; score 0 to 1."""

    code: Annotated[
        str, Meta(description="ISO 3166-1 (`SY`), ISO 3166-2 (`SY-HL`), UN M49 (`145`) or the code of an own area")
    ]
    name: Annotated[str, Meta(description="its English name, of an own area the one that it was given")]
    kind: Annotated[RegionKind, Meta(description="country, unit, m49 or area")]
    score: Annotated[float, Meta(description="how much the item is about it, 0 to 1; regions come best first")]


class Match(Struct, frozen=True, kw_only=True):
    """Where a rule matched: code points into the item's `field`."""

    field: Annotated[str, Meta(description="the field of the item")]
    start: Annotated[int, Meta(description="where the match begins, in code points")]
    end: Annotated[int, Meta(description="where it ends, exclusive")]
