"""Matches an item with a query, and gives the places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from wiredesk.query.regions import within
from wiredesk.query.syntax import TEXT_FIELDS, And, Fact, Near, Node, Not, Or, Term
from wiredesk.query.words import TextWords, words_of

BODY_FIELDS = ("title", "text")
"""Fields that terms without a field are looked for in."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a term stands: code points into the item's `field`."""

    field: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An item as queries see it; `texts` by field, `facts` by field in the case in which queries write them."""

    texts: Mapping[str, TextWords]
    facts: Mapping[str, frozenset[str]]
    _places: dict[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)

    def places(self, name: str, word: str) -> tuple[int, ...]:
        """At which words of a text `word` stands."""
        if not self._places:
            for text, words in self.texts.items():
                positions: dict[str, list[int]] = {}
                for index, folded in enumerate(words.folded):
                    positions.setdefault(folded, []).append(index)
                self._places.update({(text, folded): tuple(at) for folded, at in positions.items()})
            self._places.setdefault(("", ""), ())
        return self._places.get((name, word), ())

    def vocabulary(self) -> Iterator[str]:
        """Every word once a text, for looking rules up."""
        self.places("", "")
        return (word for _, word in self._places)

    def beginning_with(self, name: str, prefix: str) -> tuple[int, ...]:
        """At which words of a text something begins with `prefix`."""
        return tuple(index for index, word in enumerate(self.texts[name].folded) if word.startswith(prefix))


def document(*, texts: Mapping[str, str], facts: Mapping[str, Sequence[str]]) -> Document:
    """The document of these texts and facts; a unit stands for its country as well."""
    spread: dict[str, frozenset[str]] = {}
    for name, values in facts.items():
        if name == "region":
            spread[name] = frozenset(key for value in values for key in within(value))
        else:
            spread[name] = frozenset(value if name == "story" else value.lower() for value in values)
    return Document(texts={name: words_of(text) for name, text in texts.items()}, facts=spread)


def evaluate(node: Node, item: Document) -> tuple[Hit, ...] | None:
    """The places where `item` matches `node`, in no certain order; None where it does not. A fact alone gives no hit."""
    match node:
        case And():
            hits: list[Hit] = []
            for part in node.parts:
                hits_of_part = evaluate(part, item)
                if hits_of_part is None:
                    return None
                hits += hits_of_part
            return tuple(hits)
        case Or():
            either = [hits_of_part for part in node.parts if (hits_of_part := evaluate(part, item)) is not None]
            return tuple(hit for hits_of_part in either for hit in hits_of_part) if either else None
        case Not():
            return () if evaluate(node.part, item) is None else None
        case Fact():
            return () if node.value in item.facts.get(node.field, ()) else None
        case Term():
            return tuple(_hit(item, name, run) for name, run in _runs(node, item)) or None
        case Near():
            return _near(node, item)


def _runs(term: Term, item: Document) -> Iterator[tuple[str, tuple[int, int]]]:
    """Every place of the term: text and first and last word."""
    for name in _searched(term):
        if name not in item.texts:
            continue
        folded = item.texts[name].folded
        *first, last = term.words
        if not first:
            at = item.beginning_with(name, last) if term.is_prefix else item.places(name, last)
            yield from ((name, (index, index)) for index in at)
            continue
        for index in item.places(name, first[0]):
            end = index + len(first)
            if end < len(folded) and folded[index:end] == tuple(first) and _ends(folded[end], last, term.is_prefix):
                yield name, (index, end)


def _ends(word: str, target: str, is_prefix: bool) -> bool:
    return word.startswith(target) if is_prefix else word == target


def _searched(term: Term) -> tuple[str, ...]:
    return (term.field,) if term.field in TEXT_FIELDS else BODY_FIELDS


def _near(node: Near, item: Document) -> tuple[Hit, ...] | None:
    right = list(_runs(node.right, item))
    hits: list[Hit] = []
    for name, run in _runs(node.left, item):
        for other, far in right:
            gap = max(far[0] - run[1], run[0] - far[1])
            if other == name and 0 < gap <= node.distance:
                hits += [_hit(item, name, run), _hit(item, other, far)]
    return tuple(dict.fromkeys(hits)) or None


def _hit(item: Document, name: str, run: tuple[int, int]) -> Hit:
    places = item.texts[name].places
    return Hit(name, places[run[0]][0], places[run[1]][1])
