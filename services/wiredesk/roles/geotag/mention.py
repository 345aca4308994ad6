"""A span of a text that may name a place, with the results of recognition and resolution."""

from __future__ import annotations

from dataclasses import dataclass

from wiredesk.roles.geotag.entities import Named, Recognised

MENTION = 0.5
"""Least confidence of a mention."""

NAME, DEMONYM, WIDE, ABBREVIATION, UNLISTED = "name", "demonym", "wide", "abbreviation", "unlisted"
OWN, IGNORED = "own", "ignored"
"""Kinds that the operator's file sets: always a place, and never one."""


@dataclass(slots=True, kw_only=True)
class Mention:
    """`first` and `last` are its tokens, `code` the country or unit of a demonym, the M49 code of a wide area."""

    text: str
    key: str
    kind: str = NAME
    code: str = ""
    lookup: Recognised | None = None
    first: int = 0
    last: int = 0
    start: int = 0
    end: int = 0
    container: str = ""  # country or unit code that follows after a comma or `in`
    is_contained: bool = False
    evidence: float = 0.0  # log odds for a place, without what the rest of the text says
    confidence: float = 0.0
    listed: float = 0.0  # confidence of what stands beside it in a list
    chosen: Named | None = None
    certainty: float = 0.0  # that it lies in the unit of the place chosen
