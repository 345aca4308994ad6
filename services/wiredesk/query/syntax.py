"""A query as a tree: hand-written recursive descent, every node knows where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from wiredesk import urls
from wiredesk.errors import Malformed
from wiredesk.query.regions import region_key
from wiredesk.query.words import words_of

FIELDS = ("region", "source", "lang", "kind", "title", "author", "tag", "story", "feed")
TEXT_FIELDS = frozenset({"title", "author", "tag"})
"""Fields whose value is matched word by word; the others are compared as a whole."""

KINDS = ("article", "comment")
MAX_CHARACTERS = 10_000
MAX_DEPTH = 50
MAX_TERMS = 1_000
MIN_PREFIX = 3
MAX_NEAR = 50


class QueryFault(Malformed):
    """The query cannot be understood; `position` counts code points from 0."""

    def __init__(self, message: str, *, position: int) -> None:
        super().__init__(f"{message} at position {position + 1}")
        self.position = position


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One word or more in a row, anywhere in the text or in `field`; the last may be a prefix."""

    words: tuple[str, ...]
    is_prefix: bool = False
    field: str = ""
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """Two terms at most `distance` words apart, in any order."""

    left: Term
    right: Term
    distance: int
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A property of the item: `region` is hierarchical, `SY` holds for `SY-HL`."""

    field: str
    value: str
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class And:
    """All of them."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Or:
    """Any of them."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """Not this."""

    part: Node
    position: int = 0


Node: TypeAlias = Term | Near | Fact | And | Or | Not

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<open>\() | (?P<close>\)) |
        (?P<phrase>"[^"]*"?) |
        (?P<near>NEAR/\d+)(?![^\s()]) |
        (?P<operator>AND|OR|NOT)(?![^\s()"]) |
        (?P<field>[A-Za-z_]+:)(?=\S)(?!//) |   # but a URL is a word
        (?P<word>[^\s()":]+(?::[^\s()"]*)?)
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


def parse(text: str) -> Node:
    """The tree of `text`. Raises `QueryFault` with the position of what is wrong and what was expected."""
    if len(text) > MAX_CHARACTERS:
        raise QueryFault(f"query of {len(text)} characters, expected at most {MAX_CHARACTERS}", position=MAX_CHARACTERS)
    return _Parser(_tokens(text), end=len(text)).whole()


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while at < len(text) and text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            position = at + len(text[at:]) - len(text[at:].lstrip())
            raise QueryFault(f"unexpected {text[position]!r}", position=position)
        tokens.append(_Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
        at = match.end()
    if len(tokens) > MAX_TERMS:
        raise QueryFault(f"{len(tokens)} terms, expected at most {MAX_TERMS}", position=tokens[MAX_TERMS].position)
    return tokens


class _Parser:
    def __init__(self, tokens: list[_Token], *, end: int) -> None:
        self._tokens, self._end = tokens, end
        self._at = self._depth = 0

    def whole(self) -> Node:
        if not self._tokens:
            raise QueryFault("empty query, expected a word, a phrase or a field", position=0)
        node = self._any("")
        if (left := self._peek()) is not None:
            raise QueryFault(f"unexpected {left.text!r}, expected AND, OR or the end", position=left.position)
        return node

    def _peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, kind: str, text: str = "") -> _Token | None:
        token = self._peek()
        if token is None or token.kind != kind or (text and token.text != text):
            return None
        self._at += 1
        return token

    def _any(self, field: str) -> Node:
        parts = [self._all(field)]
        while self._take("operator", "OR"):
            parts.append(self._all(field))
        return parts[0] if len(parts) == 1 else Or(parts=tuple(parts))

    def _all(self, field: str) -> Node:
        parts = [self._one(field)]
        while (token := self._peek()) is not None and token.kind != "close" and token.text != "OR":
            self._take("operator", "AND")
            parts.append(self._one(field))
        return parts[0] if len(parts) == 1 else And(parts=tuple(parts))

    def _one(self, field: str) -> Node:
        if token := self._take("operator", "NOT"):
            return Not(part=self._one(field), position=token.position)
        node = self._primary(field)
        if near := self._take("near"):
            return self._near(node, near, field)
        return node

    def _near(self, left: Node, near: _Token, field: str) -> Near:
        distance = int(near.text.partition("/")[2])
        right = self._primary(field)
        if not (isinstance(left, Term) and isinstance(right, Term)) or left.field != right.field:
            raise QueryFault("NEAR wants a word or phrase on both sides", position=near.position)
        if not 1 <= distance <= MAX_NEAR:
            raise QueryFault(f"NEAR/{distance}: expected 1 to {MAX_NEAR}", position=near.position)
        return Near(left=left, right=right, distance=distance, position=near.position)

    def _primary(self, field: str) -> Node:
        token = self._peek()
        if token is None:
            raise QueryFault("unexpected end, expected a word, a phrase or a field", position=self._end)
        self._at += 1
        match token.kind:
            case "open":
                return self._group(field, token)
            case "field":
                return self._in_field(field, token)
            case "phrase":
                return _phrase(token, field)
            case "word":
                return _word(token, field)
        raise QueryFault(f"unexpected {token.text!r}, expected a word, a phrase or a field", position=token.position)

    def _group(self, field: str, opened: _Token) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise QueryFault(f"more than {MAX_DEPTH} parentheses deep", position=opened.position)
        node = self._any(field)
        if not self._take("close"):
            raise QueryFault("this parenthesis is never closed", position=opened.position)
        self._depth -= 1
        return node

    def _in_field(self, outer: str, token: _Token) -> Node:
        name = token.text[:-1].lower()
        if outer:
            raise QueryFault(f"field {name}: inside field {outer}:", position=token.position)
        if name not in FIELDS:
            raise QueryFault(f"unknown field {name!r}, expected {', '.join(FIELDS)}", position=token.position)
        return self._primary(name)


def _phrase(token: _Token, field: str) -> Node:
    if len(token.text) < 2 or not token.text.endswith('"'):
        raise QueryFault("this quotation mark is never closed", position=token.position)
    inner = token.text[1:-1]
    if field and field not in TEXT_FIELDS:
        return _fact(field, inner, token.position)
    words = words_of(inner).folded
    if not words:
        raise QueryFault("empty phrase", position=token.position)
    return Term(words=words, field=field, position=token.position)


def _word(token: _Token, field: str) -> Node:
    if field and field not in TEXT_FIELDS:
        return _fact(field, token.text, token.position)
    is_prefix = token.text.endswith("*")
    words = words_of(token.text).folded
    if not words:
        raise QueryFault(f"no letter or digit in {token.text!r}", position=token.position)
    if is_prefix and len(words[-1]) < MIN_PREFIX:
        raise QueryFault(f"{token.text!r}: expected {MIN_PREFIX} letters before *", position=token.position)
    if "*" in token.text[:-1]:
        raise QueryFault(f"{token.text!r}: expected * at the end only", position=token.position)
    return Term(words=words, is_prefix=is_prefix, field=field, position=token.position)


def _wanted(field: str, value: str) -> str:
    match field:
        case "region":
            return region_key(value)
        case "story":
            return value
        case "feed":  # in whichever form the rule writes it
            return urls.subscribed(value).lower()
    return value.lower()


def _fact(field: str, value: str, position: int) -> Fact:
    value = value.strip()
    folded = _wanted(field, value)
    if not value:
        raise QueryFault(f"{field}: without a value", position=position)
    if field == "kind" and folded not in KINDS:
        raise QueryFault(f"kind:{value}, expected {' or '.join(KINDS)}", position=position)
    return Fact(field=field, value=folded, position=position)
