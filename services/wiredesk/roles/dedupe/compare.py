"""How alike two sketches are, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from wiredesk.roles.dedupe.sketch import Facts, Sketch, numbers_in, shorts_in

SHORT_TOKENS = 60
LATE_SECONDS = 3 * 86_400
"""Wire copy is not re-sent after three days (73 hours at most in Reuters-21578); scheduled reports are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedTokens:
    """Of two sets of key facts: how many only the new one has, only the old one, and both."""

    only_new: int
    only_old: int
    both: int

    @property
    def substituted(self) -> int:
        """As many as the new one may have put in the place of others."""
        return min(self.only_new, self.only_old)

    @property
    def ratio(self) -> float:
        """The share in common of the smaller set, smoothed."""
        return (self.both + 1) / (min(self.both + self.only_new, self.both + self.only_old) + 1)


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """The new article against an earlier one; `gap` in seconds. Coverage is estimated over three-word shingles."""

    common: int
    new_covered: float  # share of the new text that stands in the old
    old_covered: float  # share of the old text that stands in the new
    numbers: SharedTokens
    names: SharedTokens
    title: float
    is_short: bool
    is_late: bool
    growth: float
    corrects: bool

    @cached_property
    def best(self) -> float:
        """The larger coverage."""
        return max(self.new_covered, self.old_covered)

    @cached_property
    def worst(self) -> float:
        """The smaller coverage."""
        return min(self.new_covered, self.old_covered)


def likeness(new: Sketch, old: Sketch, *, gap: int) -> Likeness | None:
    """How `new` compares; None where fewer than three sampled shingles are common."""
    threshold = min(new.threshold, old.threshold)
    mine = {value for value in numbers_in(new.hashes) if value < threshold}
    theirs = {value for value in numbers_in(old.hashes) if value < threshold}
    common = len(mine & theirs)
    if common < 3:
        return None
    return Likeness(
        common=common,
        new_covered=common / len(mine),
        old_covered=common / len(theirs),
        numbers=_shared(new.numbers, old.numbers),
        names=_shared(new.names, old.names),
        title=title_likeness(new, old),
        is_short=min(new.tokens, old.tokens) < SHORT_TOKENS,
        is_late=gap > LATE_SECONDS,
        growth=new.shingles / max(1, old.shingles),
        corrects=new.is_correction and not old.is_correction,
    )


def title_likeness(new: Sketch, old: Sketch) -> float:
    """The share of the shorter title's words that both have; 0.5 where one has none."""
    mine, theirs = set(shorts_in(new.title)), set(shorts_in(old.title))
    return len(mine & theirs) / min(len(mine), len(theirs)) if mine and theirs else 0.5


def _shared(new: Facts, old: Facts) -> SharedTokens:
    threshold = min(new.threshold, old.threshold)
    mine = {value for value in shorts_in(new.hashes) if value < threshold}
    theirs = {value for value in shorts_in(old.hashes) if value < threshold}
    both = len(mine & theirs)
    return SharedTokens(only_new=len(mine) - both, only_old=len(theirs) - both, both=both)
