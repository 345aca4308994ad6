"""What events are made of: times, verdicts, stories, places, regions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta, Struct

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

    published: Time | None = None
    seen: Time | None = None
    fetched: Time | None = None
    collected: Time | None = None
    deduplicated: Time | None = None
    geotagged: Time | None = None

    def __post_init__(self) -> None:
        """Normalise to UTC."""
        to_utc(self, self.__struct_fields__)


class Extraction(Struct, frozen=True, kw_only=True):
    """How text was got: `source` is `page`, or `feed` where the page could not be had; confidence 0 to 1."""

    method: str
    confidence: Annotated[float, Meta(ge=0, le=1)]
    source: str = "page"


class Verdict(Struct, frozen=True, kw_only=True):
    """What dedupe found: `kind` is new, revision or duplicate; `of` the id of the earlier one; `changed` field names."""

    kind: str
    of: str | None = None
    how: str = ""
    score: float | None = None
    changed: tuple[str, ...] = ()
    campaign: str | None = None


class Story(Struct, frozen=True, kw_only=True):
    """The story an article belongs to, as it stood when judged."""

    id: str
    sources: int
    items: int
    first_seen: Time

    def __post_init__(self) -> None:
        """Normalise to UTC."""
        to_utc(self, ("first_seen",))


class Place(Struct, frozen=True, kw_only=True):
    """A place mentioned: `start` and `end` are code points into `field`; country ISO 3166-1, unit ISO 3166-2."""

    field: str
    text: str
    start: int
    end: int
    name: str
    kind: str
    geoname_id: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    country: str | None = None
    unit: str | None = None
    confidence: float


class Region(Struct, frozen=True, kw_only=True):
    """A region in focus: ISO 3166-1 or -2, M49 or an own area; score 0 to 1."""

    code: str
    name: str
    kind: str
    score: float


class Match(Struct, frozen=True, kw_only=True):
    """Where a rule matched: code points into the item's `field`."""

    field: str
    start: int
    end: int
