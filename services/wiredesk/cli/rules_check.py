"""What is wrong or unwise about a rules file: every query at once, not only the first."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from wiredesk.errors import Misconfigured, nearest
from wiredesk.query import Node
from wiredesk.query.lint import lint
from wiredesk.query.regions import region_key
from wiredesk.query.syntax import And, Fact, Not, Or
from wiredesk.roles.geotag.places_toml import known_codes
from wiredesk.roles.notify.rules import Rules, read_file
from wiredesk.roles.notify.secret import fetched
from wiredesk.toml_file import line_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LintFinding:
    """A `fault` or a `warning`; `position` counts code points of `query` from 1, as its text does."""

    kind: str
    line: int
    rule: str
    text: str
    query: str | None = None
    position: int | None = None


def examine(path: Path, *, areas: Sequence[str] = ()) -> list[LintFinding]:
    """Everything found, in order of the file; `areas` are the codes of the operator's own.

    Raises `Misconfigured` where the file is wrong beside its queries.
    """
    try:
        rules = read_file(path)
    except Misconfigured:
        faulty = [finding for finding in _in_queries(path) if finding.kind == "fault"]
        if not faulty:
            raise
        return sorted(_in_queries(path), key=lambda finding: finding.line)
    findings = [*_in_queries(path), *_secrets(path, rules), *_regions(path, rules, areas)]
    return sorted(findings, key=lambda finding: finding.line)


def _in_queries(path: Path) -> Iterator[LintFinding]:
    for at, name, query in _queries(path):
        for remark in lint(query):
            yield LintFinding(
                kind="fault" if remark.is_fault else "warning",
                line=at + _line_within(query, remark.position),
                rule=name,
                text=f"rule {name}: {remark.text}",
                query=query,
                position=remark.position + 1,
            )


def _regions(path: Path, rules: Rules, areas: Sequence[str]) -> Iterator[LintFinding]:
    """Regions that nothing is ever in focus of: a warning, as the places file may be on another machine."""
    known: set[str] = set()
    for at, name, query in _queries(path):
        for fact in _facts(rules.rules[name].node):
            if fact.field != "region":
                continue
            known = known or {*known_codes(), *map(region_key, areas)}
            if fact.value not in known:
                text = f"region:{fact.value} is no ISO 3166 or M49 code and no area of a places file given"
                yield LintFinding(
                    kind="warning",
                    line=at + _line_within(query, fact.position),
                    rule=name,
                    text=f"rule {name}: {text}{nearest(fact.value, known)}",
                    query=query,
                    position=fact.position + 1,
                )


def _facts(node: Node) -> Iterator[Fact]:
    match node:
        case And() | Or():
            for part in node.parts:
                yield from _facts(part)
        case Not():
            yield from _facts(node.part)
        case Fact():
            yield node


def _queries(path: Path) -> Iterator[tuple[int, str, str]]:
    """Line, name and query of each rule, as far as the file can be read."""
    try:
        text = path.read_text("utf-8-sig")
        tables = tomllib.loads(text).get("rule", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        return  # `read_file` has said so
    for index, table in enumerate(tables if isinstance(tables, list) else []):
        query = table.get("query") if isinstance(table, dict) else None
        if isinstance(query, str):
            at = _first_line(text, line_of(text, table="rule", index=index, field="query"))
            yield at, str(table.get("name")), query


def _first_line(text: str, at: int) -> int:
    """Where the query begins: TOML leaves out a line break right after three quotation marks."""
    return at + text.splitlines()[at - 1].rstrip().endswith(("'''", '"""'))


def _line_within(query: str, position: int) -> int:
    return query.count("\n", 0, position)


def _secrets(path: Path, rules: Rules) -> Iterator[LintFinding]:
    """Endpoints whose secret is not here: a warning, as the file may be meant for another machine."""
    text = path.read_text("utf-8-sig")
    for index, endpoint in enumerate(rules.endpoints.values()):
        try:
            fetched(endpoint.secret, folder=path.parent, environ=os.environ)
        except Misconfigured as error:
            at = line_of(text, table="endpoint", index=index, field=endpoint.secret.place)
            yield LintFinding(kind="warning", line=at, rule="", text=f"endpoint {endpoint.name}: {error}")
