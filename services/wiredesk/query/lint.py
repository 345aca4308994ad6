"""Finds what is wrong or unwise about a query, before it runs for the first time."""

from __future__ import annotations

from dataclasses import dataclass

from wiredesk.query.ruleset import anchors_of
from wiredesk.query.syntax import And, Fact, Near, Node, Not, Or, QueryFault, Term, parse


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """`is_fault` where the query cannot run; `position` counts code points from 0."""

    position: int
    text: str
    is_fault: bool


def lint(text: str) -> list[Remark]:
    """Remarks on a query, in the order in which they stand; a query without faults runs."""
    try:
        node = parse(text)
    except QueryFault as fault:
        return [Remark(position=fault.position, text=str(fault), is_fault=True)]
    remarks: list[Remark] = []
    if not has_positive(node):
        remarks.append(Remark(position=0, text="nothing but NOT: it would match almost every item", is_fault=True))
    elif anchors_of(node) is None:
        remarks.append(
            Remark(
                position=0,
                text="no whole word or field that every match must hold: it is tried on every item",
                is_fault=False,
            )
        )
    remarks += _contradictions(node)
    return sorted(remarks, key=lambda remark: remark.position)


def has_positive(node: Node) -> bool:
    """Whether a match must hold something, and not only lack something."""
    match node:
        case And():
            return any(has_positive(part) for part in node.parts)
        case Or():
            return all(has_positive(part) for part in node.parts)
        case Not():
            return False
    return True


def _contradictions(node: Node) -> list[Remark]:
    """Two values of a field that holds only one, both demanded."""
    match node:
        case And():
            remarks = [remark for part in node.parts for remark in _contradictions(part)]
            seen: dict[str, str] = {}
            for part in node.parts:
                if not isinstance(part, Fact) or part.field not in ("source", "lang", "kind", "story", "feed"):
                    continue
                other = seen.setdefault(part.field, part.value)
                if other != part.value:
                    text = f"{part.field} is both {other} and {part.value}: it never matches"
                    remarks.append(Remark(position=part.position, text=text, is_fault=True))
            return remarks
        case Or():
            return [remark for part in node.parts for remark in _contradictions(part)]
        case Not():
            return _contradictions(node.part)
        case Term() | Near() | Fact():
            return []
