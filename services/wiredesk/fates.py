"""What a stage is given and what it answers: a record received, and its fate."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeAlias, TypeVar

from wiredesk.events import Event

T = TypeVar("T", bound=Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received(Generic[T]):
    """An event and where it came from."""

    value: T
    topic: str
    partition: int
    offset: int
    headers: tuple[tuple[str, bytes], ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """The item went through; `outputs` are published in order. A duplicate is passed with reason `duplicate`."""

    outputs: Sequence[Event] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """The item ends here, as it should."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """The item cannot be accepted: to the dead letters."""

    reason: str
    error: str = ""
    traceback: str = ""


Fate: TypeAlias = Passed | Dropped | Dead
Stage: TypeAlias = Callable[[Sequence[Received[T]]], Awaitable[Sequence[Fate]]]
"""One fate per input, in order. Must be safe to call again with any of the same: replay is normal."""
