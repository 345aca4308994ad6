"""What an operator lays over the world's places: own ones, which win, watch areas, and names that are never places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from wiredesk.roles.geotag.areas import Area, Watch
from wiredesk.roles.geotag.entities import Entity, Named, Recognised
from wiredesk.roles.geotag.folding import fold, is_han, words_of


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPlace:
    """A place and the names that lead to it, the first of them its usual one."""

    entity: Entity
    names: tuple[str, ...]


class Case(IntEnum):
    """What a word of a name, as the operator writes it, wants of the word in a text."""

    ANY = 0
    CAPITAL = 1
    CAPITALS = 2


@dataclass(frozen=True, slots=True)
class _Spelling:
    cases: tuple[Case, ...]
    named: Named

    def fits(self, shown: Sequence[str]) -> bool:
        pairs = zip(self.cases, shown, strict=True) if len(shown) == len(self.cases) else [(self.cases[0], shown[0])]
        return all(_fits(case, word) for case, word in pairs)


class Overlay:
    """Compared by identity: what was found with one is remembered apart from what was found with the next."""

    def __init__(
        self, *, places: Sequence[OwnPlace] = (), areas: Sequence[Area] = (), ignored: Sequence[str] = ()
    ) -> None:
        self.places, self.watch = tuple(places), Watch(areas)
        self.ignored = frozenset(fold(name) for name in ignored)
        self._spellings: dict[str, list[_Spelling]] = {}
        self._reach: dict[str, int] = {}
        small: set[str] = set()
        for number, place in enumerate(places, 1):
            for at, name in enumerate(place.names):
                cases = tuple(_case(word) for word in words_of(name).texts)
                spelling = _Spelling(cases, Named(-number, place.entity, at == 0))
                self._spellings.setdefault(fold(name), []).append(spelling)
                self._reach_to(name)
                if cases[0] is Case.ANY:
                    small.add(words_of(name).texts[0])
        for name in ignored:
            self._reach_to(name)
        self.small = frozenset(small)
        """First words, in small letters, of names that are written so: al-Hol."""
        self.has_small = bool(small) or any(
            spelling.cases[-1] is Case.ANY for spellings in self._spellings.values() for spelling in spellings
        )
        """Whether a name may begin or end with a small letter."""

    def own(self, shown: str, key: str) -> Recognised | None:
        """The own places that `shown` may mean, by its folded form."""
        spellings = self._spellings.get(key)
        if spellings is None:
            return None
        words = words_of(shown).texts
        means = {spelling.named.number: spelling.named for spelling in spellings if spelling.fits(words)}
        return Recognised(tuple(means.values())) if means else None

    def reach(self, first: str) -> int:
        """How many words a name may have that begins with this folded word, 0 where none does; of Chinese, characters."""
        return self._reach.get(first, 0)

    def _reach_to(self, name: str) -> None:
        first = fold(words_of(name).texts[0]).partition(" ")[0]
        words = len(fold(name)) if is_han(name) else max(len(fold(name).split()), len(words_of(name)))
        self._reach[first] = max(words, self._reach.get(first, 0))


NOTHING_OWN = Overlay()


def _case(word: str) -> Case:
    if len(word) > 1 and word.isupper():
        return Case.CAPITALS
    # Scripts without case want nothing, and are no small letters either.
    return Case.ANY if word[0].islower() else Case.CAPITAL


def _fits(case: Case, word: str) -> bool:
    if case is Case.CAPITALS:
        return word.isupper()
    return case is Case.ANY or not word[0].islower()
