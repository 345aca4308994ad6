"""The ledger against the result. Pure.

Both are turned into facts, `says` something of what it is `about`. A fact of one side alone is a difference.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

MOST_CHARACTERS = 90
"""Of a text in a difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """`says` something of what it is `about`."""

    about: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One kind of facts: `expected` by the ledger, and `found`."""

    name: str
    expected: Sequence[Fact]
    found: Sequence[Fact]

    @property
    def differences(self) -> Sequence[str]:
        """A sentence for each fact that only one side has, two that contradict each other as one."""
        return list(_differences(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Times from one instant of an item to another, shortest first."""

    name: str
    times: Sequence[timedelta]

    def percentile(self, share: float) -> timedelta | None:
        """The nearest-rank percentile; None where nothing was measured."""
        ordered = sorted(self.times)
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """All accounts, and how fast it went."""

    accounts: Sequence[Account]
    latencies: Sequence[Latency] = ()
    answers: Mapping[int, int] = field(default_factory=dict)

    @property
    def differences(self) -> Sequence[str]:
        """Every difference, in words; none where it balances."""
        return [difference for account in self.accounts for difference in account.differences]


def _differences(account: Account) -> Iterator[str]:
    expected, found = Counter(account.expected), Counter(account.found)
    missing, surplus = list((expected - found).elements()), list((found - expected).elements())
    for fact in missing:
        other = next((one for one in surplus if one.about == fact.about), None)
        if other is None:
            yield f"{account.name}: {_shown(fact)} is in the ledger and did not come"
            continue
        surplus.remove(other)
        ours, theirs = _apart(fact.says, other.says)
        yield f"{account.name}: {fact.about}: the ledger has {ours!r}, there came {theirs!r}"
    for fact in surplus:
        yield f"{account.name}: {_shown(fact)} came and is not in the ledger"


def _shown(fact: Fact) -> str:
    says = _cut(fact.says)
    return f"{fact.about} ({says})" if says else fact.about


def _apart(expected: str, found: str) -> tuple[str, str]:
    """The two from shortly before where they part."""
    pairs = zip(expected, found, strict=False)
    same = next((index for index, (a, b) in enumerate(pairs) if a != b), min(len(expected), len(found)))
    start = max(0, same - MOST_CHARACTERS // 3) if max(len(expected), len(found)) > MOST_CHARACTERS else 0
    return _cut(expected[start:]), _cut(found[start:])


def _cut(text: str) -> str:
    # A difference quotes fetched text, and that must not steer the terminal.
    flat = "".join(character for character in " ".join(text.split()) if character.isprintable())
    return flat if len(flat) <= MOST_CHARACTERS else flat[: MOST_CHARACTERS - 1] + "…"
