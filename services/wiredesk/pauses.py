"""How long to pause for a dependency that is away: pure, as clock and chance come from the caller."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

FIRST_PAUSE = timedelta(seconds=0.2)
LONGEST_PAUSE = timedelta(seconds=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """How long to wait, and whether it begins with this failure; else others wait already."""

    seconds: float
    is_new: bool


@dataclass(slots=True)
class _Outage:
    failures: int = 0
    until: float = -math.inf  # when the pause under way ends


class Pauses:
    """One count of failures per dependency, shared by all its callers.

    A blip that a hundred workers meet at the same time is one failure: whoever fails while a pause is under way
    joins it, and a call that began before the pause ended says nothing new about the dependency.
    """

    def __init__(self) -> None:
        self._outages: dict[str, _Outage] = {}

    def after_failure(self, dependency: str, *, began: float, now: float, jitter: float) -> Pause:
        """The pause after a call that `began` then and failed `now`, both on the monotonic clock.

        0.2 s doubling to 15 s, times `jitter` (0.5 to 1), so that replicas do not knock together.
        """
        outage = self._outages.setdefault(dependency, _Outage())
        is_new = now >= outage.until
        if is_new:
            outage.failures += began >= outage.until
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(outage.failures - 1, 10))
            outage.until = now + pause.total_seconds() * jitter
        return Pause(seconds=outage.until - now, is_new=is_new)

    def over(self, dependency: str) -> None:
        """Begin at the shortest pause again: the dependency has answered."""
        self._outages.pop(dependency, None)
