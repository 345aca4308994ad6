"""The closed sets of words that events hold: literals to the code that writes them, enums in the published schemas.

Decoding takes any word. While roles are replaced one after another, older ones read what a newer one writes: a word that
they do not know is no reason to send a record to the dead letters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias, get_args

from msgspec import Meta

VerdictKind: TypeAlias = Literal["new", "revision", "duplicate"]
TextSource: TypeAlias = Literal["page", "feed"]
PlaceField: TypeAlias = Literal["title", "text"]
RegionKind: TypeAlias = Literal["country", "unit", "m49", "area"]
FeedChange: TypeAlias = Literal["failing", "dormant", "back", "entry_removed"]

if not TYPE_CHECKING:
    # msgspec refuses a word that its Literal does not have, so to msgspec each is a string whose schema has an enum.
    VerdictKind, TextSource, PlaceField, RegionKind, FeedChange = (
        Annotated[str, Meta(extra_json_schema={"enum": list(get_args(words))})]
        for words in (VerdictKind, TextSource, PlaceField, RegionKind, FeedChange)
    )
