"""The rules file: queries, and the endpoints that their alerts go to.

[[endpoint]]
name = "ops"
url = "https://hooks.example.org/wiredesk"
secret_env = "OPS_SECRET"

[[rule]]
name = "aleppo-front"
query = 'region:SY-HL AND (manbij OR "al bab")'
endpoints = ["ops"]
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wiredesk import urls
from wiredesk.errors import nearest
from wiredesk.query import Node, parse
from wiredesk.query.lint import Remark, lint
from wiredesk.query.ruleset import Ruleset
from wiredesk.roles.notify.secret import PLACES, Secret
from wiredesk.toml_file import Fault, TomlFile, body_of, only

NAME = re.compile(r"[a-z0-9-]{1,64}")
ENDPOINT_FIELDS = ("name", "url", *PLACES)
RULE_FIELDS = ("name", "query", "endpoints")
MOST_URL_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where webhooks go."""

    name: str
    url: str
    secret: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A query and its endpoints; `remarks` say what is unwise about the query."""

    name: str
    query: str
    endpoints: tuple[str, ...]
    node: Node
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """Endpoints and rules by name, and the rules ready to be matched."""

    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    matcher: Ruleset[str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Index the queries for matching."""
        queries = [(rule.name, rule.node) for rule in self.rules.values()]
        object.__setattr__(self, "matcher", Ruleset(queries))


def read_file(path: Path) -> Rules:
    """The rules in `path`. Raises `Misconfigured` with the line and the reason. Secrets are not looked for."""
    return from_toml(body_of(path), name=str(path))


def from_toml(body: bytes, *, name: str) -> Rules:
    """The `[[endpoint]]` and `[[rule]]` tables. Raises `Misconfigured`: `name`, line and reason."""
    file = TomlFile(body, name=name)
    file.expect(("endpoint", "rule"), what="[[endpoint]] and [[rule]] tables")
    endpoints = {endpoint.name: endpoint for endpoint in file.tables("endpoint", _endpoint, unique="name")}
    rules = file.tables("rule", lambda table: _rule(table, endpoints), unique="name")
    return Rules(endpoints, {rule.name: rule for rule in rules})


def _endpoint(table: Mapping[str, object]) -> Endpoint:
    only(table, ENDPOINT_FIELDS)
    name, url = _name(table), table.get("url")
    if not isinstance(url, str) or not urls.is_http(url) or len(url) > MOST_URL_CHARACTERS:
        raise Fault(f"endpoint {name}: url is not an http(s) URL", field="url")
    places = [place for place in PLACES if place in table]
    if len(places) != 1:
        listing = " and ".join(places) or "none"
        raise Fault(
            f"endpoint {name}: expected one of {', '.join(PLACES)}, found {listing}", field=places[0] if places else ""
        )
    value = table[places[0]]
    if not isinstance(value, str) or not value.strip():
        raise Fault(f"endpoint {name}: {places[0]} is no text", field=places[0])
    return Endpoint(name=name, url=url, secret=Secret(place=places[0], value=value))


def _rule(table: Mapping[str, object], endpoints: Mapping[str, Endpoint]) -> Rule:
    only(table, RULE_FIELDS)
    name, query = _name(table), table.get("query")
    if not isinstance(query, str):
        raise Fault(f"rule {name}: query = {query!r}: not a text", field="query")
    remarks = lint(query)
    for remark in remarks:
        if remark.is_fault:
            raise Fault(f"rule {name}: query: {_placed(remark)}", field="query")
    names = table.get("endpoints", [])
    if not isinstance(names, list) or not all(isinstance(endpoint_name, str) for endpoint_name in names):
        raise Fault(f'rule {name}: endpoints = {names!r}: not a list of names, such as ["ops"]', field="endpoints")
    for endpoint_name in names:
        if endpoint_name not in endpoints:
            raise Fault(
                f"rule {name}: there is no endpoint {endpoint_name!r}{nearest(endpoint_name, list(endpoints))}",
                field="endpoints",
            )
    return Rule(
        name=name, query=query, endpoints=tuple(dict.fromkeys(names)), node=parse(query), remarks=tuple(remarks)
    )


def _placed(remark: Remark) -> str:
    place = f"at position {remark.position + 1}"
    return remark.text if place in remark.text else f"{remark.text} {place}"


def _name(table: Mapping[str, object]) -> str:
    name = table.get("name")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise Fault(f"name = {name!r}: expected 1 to 64 of a-z, 0-9 and -", field="name")
    return name
