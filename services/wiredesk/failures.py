"""One failure policy for both loops: whom an error blames, and how many of them mean a bug of ours.

An outage blames nobody, nor does what only an operator can mend, nor what is `Malformed` or an `Overrun`: publishers
write what they like. Anything else that the work on a record or a due row raises makes its publisher a culprit: the
host that it came from. Culprits are counted until something succeeds, each once, however much of theirs fails: odd
pages of one host end no role, and a bug that meets host after host does.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from wiredesk.errors import Malformed, Misconfigured, Overrun, Unavailable, WiredeskError, within


class OurBug(WiredeskError):
    """What comes of host after host fails: to continue would empty the topic or queue into the dead letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CulpritLimit:
    """How many hosts in a row whose items fail, without a success between them, are our bug."""

    in_a_row: int = 10


class Culprits:
    """The hosts whose items failed since the last success; an item without a host stands for itself."""

    def __init__(self, limit: CulpritLimit) -> None:
        self._limit = limit
        self._in_a_row: set[Hashable] = set()

    def blame(self, culprit: Hashable, error: Exception, *, where: str) -> None:
        """Count `culprit`, once, unless `error` is what a publisher may cause. Raises `OurBug` at the limit."""
        if isinstance(error, Malformed | Overrun):
            return
        self._in_a_row.add(culprit)
        if len(self._in_a_row) >= self._limit.in_a_row:
            raise OurBug(f"items of {len(self._in_a_row)} hosts in a row failed in {where}") from error

    def absolve(self) -> None:
        """Forget the culprits, as an item succeeded: the failures before it were the items' fault."""
        self._in_a_row.clear()


def raise_blameless(error: Exception) -> None:
    """Raise the `Misconfigured` or `Unavailable` that `error` is or holds; return where the item may be to blame.

    `Misconfigured` is a damaged file or a schema that is not ours: no item caused it, and no retry mends it.
    """
    for kind in (Misconfigured, Unavailable):
        blameless = next((cause for cause in within(error) if isinstance(cause, kind)), None)
        if blameless is not None:
            raise blameless
