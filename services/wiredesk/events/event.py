"""What every event is."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from wiredesk.events.values import to_utc


class Event(Struct, frozen=True, kw_only=True):
    """What every event can say of itself. `type_name` is its `ce_type`, `topic` the topic's name without prefix."""

    type_name: ClassVar[str]
    topic: ClassVar[str]
    time_fields: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        """Normalise to UTC."""
        to_utc(self, self.time_fields)
