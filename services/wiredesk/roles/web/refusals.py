"""What strangers are refused: counted all, logged a few, so that nobody fills the disk by asking."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from prometheus_client import Counter

from wiredesk.observe import log

_log = log(__name__)

REFUSED = Counter("wiredesk_refused_total", "Requests and connections refused, by reason.", ["reason"])

LINES: Final = 10
"""Lines a reason in each `SPELL_SECONDS`."""
SPELL_SECONDS: Final = 60.0


class Refusals:
    """Notes refusals as `web.refused`; `unlogged` in a line is how many of that reason came since without one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began: dict[str, float] = {}
        self._lines: dict[str, int] = {}
        self._unlogged: dict[str, int] = {}

    def note(self, reason: str, *, peer: str) -> None:
        """One more refusal; `reason` is one of a few fixed words, and nothing that the peer wrote."""
        REFUSED.labels(reason).inc()
        if self._may_log(reason):
            _log.warning("web.refused", reason=reason, peer=peer, unlogged=self._unlogged.pop(reason, 0))
        else:
            self._unlogged[reason] = self._unlogged.get(reason, 0) + 1

    def _may_log(self, reason: str) -> bool:
        now = self._clock()
        if now - self._began.get(reason, float("-inf")) >= SPELL_SECONDS:
            self._began[reason], self._lines[reason] = now, 0
        self._lines[reason] += 1
        return self._lines[reason] <= LINES
