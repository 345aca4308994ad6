"""Wrong tokens by peer: each costs its sender some waiting, so that guessing is slow and the right one still gets through."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

FREE: Final = 5
"""Wrong tokens of a peer that cost nothing: a person mistypes, a script starts with yesterday's."""

FIRST: Final = timedelta(milliseconds=100)
LONGEST: Final = timedelta(seconds=2)
"""With all connections of a peer this leaves 256 tries a second: nothing, against 16 random characters."""

FORGOTTEN_AFTER: Final = timedelta(minutes=10)
MOST_PEERS: Final = 10_000


def delay(wrong: int, *, longest: timedelta = LONGEST) -> timedelta:
    """How long a peer waits for the answer after so many wrong tokens: twice as long each time, up to `longest`."""
    if wrong < FREE:
        return timedelta()
    return min(longest, FIRST * (1 << min(wrong - FREE, 30)))


@dataclass(slots=True)
class _Peer:
    wrong: int
    at: float


class Attempts:
    """Remembers the peers that sent wrong tokens, the latest `MOST_PEERS` of them.

    A peer waits before its token is looked at: whoever answered right ones at once would tell them by the time.
    """

    def __init__(self, *, longest: timedelta = LONGEST, clock: Callable[[], float] = time.monotonic) -> None:
        self._longest, self._clock = longest, clock
        self._peers: OrderedDict[str, _Peer] = OrderedDict()

    def failed(self, peer: str) -> None:
        """One more wrong token of `peer`."""
        known = self._peers.pop(peer, None) or _Peer(wrong=0, at=0.0)
        self._peers[peer] = _Peer(wrong=self._wrong(known) + 1, at=self._clock())
        if len(self._peers) > MOST_PEERS:
            self._peers.popitem(last=False)

    def delay_of(self, peer: str) -> timedelta:
        """How long `peer` waits now."""
        known = self._peers.get(peer)
        return delay(self._wrong(known), longest=self._longest) if known else timedelta()

    async def waited(self, peer: str) -> None:
        """Return when the token of `peer` may be looked at."""
        if seconds := self.delay_of(peer).total_seconds():
            await asyncio.sleep(seconds)

    def _wrong(self, peer: _Peer) -> int:
        return 0 if self._clock() - peer.at > FORGOTTEN_AFTER.total_seconds() else peer.wrong
