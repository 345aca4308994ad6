"""One failure policy for both loops: which record or row an error blames, and how many of them mean a bug of ours.

An outage blames nobody, nor does what only an operator can mend. Anything else that the work on a record or a due row raises makes that one a culprit.
Culprits are counted until something succeeds, each once, however often it is tried again meanwhile.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from wiredesk.errors import Misconfigured, Unavailable, WiredeskError, within


class OurBug(WiredeskError):
    """Item after item fails: to continue would empty the topic or queue into the dead letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CulpritLimit:
    """How many culprits in a row, without a success between them, are our bug."""

    in_a_row: int = 10


class Culprits:
    """Those that failed since the last success: records as (topic, partition, offset), rows as (kind, key)."""

    def __init__(self, limit: CulpritLimit) -> None:
        self._limit = limit
        self._in_a_row: set[Hashable] = set()

    def blame(self, culprit: Hashable, error: Exception, *, where: str) -> None:
        """Count `culprit`, once. Raises `OurBug` when the limit is reached."""
        self._in_a_row.add(culprit)
        if len(self._in_a_row) >= self._limit.in_a_row:
            raise OurBug(f"{len(self._in_a_row)} items in a row failed in {where}") from error

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
