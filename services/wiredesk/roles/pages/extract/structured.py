"""What a page says of itself for machines: JSON-LD, OpenGraph and other meta elements."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml.html import HtmlElement

from wiredesk.text.invisible import without_controls

MAX_OBJECTS = 5_000
MAX_DEPTH = 40

_CDATA = re.compile(r"^\s*(?://|/\*)?\s*<!\[CDATA\[(?:\*/)?|(?://|/\*)?\s*\]\]>(?:\*/)?\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedObject:
    """One JSON-LD object and how it is nested: `parent` is the index of the nearest object above, None at the top."""

    facts: Mapping[str, object]
    parent: int | None

    @property
    def types(self) -> frozenset[str]:
        """Its schema.org types without namespace."""
        named = self.facts.get("@type")
        values = named if isinstance(named, list) else [named]
        return frozenset(value.rpartition("/")[2] for value in values if isinstance(value, str))


def linked_objects(tree: HtmlElement) -> list[LinkedObject]:
    """All JSON-LD objects of the page in document order, nested ones after the one they are in."""
    objects: list[LinkedObject] = []
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            for value in _loads(script.text):
                _collect(value, None, 0, objects)
    return objects


def _loads(text: str) -> Iterator[object]:
    text = _CDATA.sub("", text).strip().rstrip(";")
    try:
        # Publishers write raw line breaks inside strings: strict=False takes them.
        yield _clean(json.loads(text, strict=False), 0)
    except (ValueError, RecursionError):
        return


def _clean(value: object, depth: int) -> object:
    """`value` with strings that can be stored and sent: an escape such as `\\ud83d` alone is half a character."""
    if isinstance(value, str):
        return without_controls(value)
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, list):
        return [_clean(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {without_controls(name): _clean(item, depth + 1) for name, item in value.items()}
    return value


def _collect(value: object, parent: int | None, depth: int, objects: list[LinkedObject]) -> None:
    if depth > MAX_DEPTH or len(objects) >= MAX_OBJECTS:
        return
    if isinstance(value, list):
        for item in value:
            _collect(item, parent, depth + 1, objects)
    elif isinstance(value, dict):
        index = len(objects)
        objects.append(LinkedObject(facts=value, parent=parent))
        for inner in value.values():
            if isinstance(inner, dict | list):
                _collect(inner, index, depth + 1, objects)


def meta_contents(tree: HtmlElement) -> dict[str, str]:
    """The first content of each `meta` property, name or itemprop, in lower case."""
    contents: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").strip().lower()
        content = (meta.get("content") or "").strip()
        if name and content:
            contents.setdefault(name, content)
    return contents


def text_in(value: object) -> str:
    """A JSON-LD value as text: a string itself, the first of a list, an object's `@value` or `name`; else empty."""
    match value:
        case str():
            return value.strip()
        case [first, *_]:
            return text_in(first)
        case {"@value": inner}:
            return text_in(inner)
        case {"name": inner}:
            return text_in(inner)
    return ""


def names_in(value: object) -> list[str]:
    """Names of people or organisations in a JSON-LD value, in order, each once; URLs are no names."""
    names: list[str] = []
    match value:
        case str():
            names = [part.strip() for part in re.split(r"\s*(?:,|;|\||\bund\b|\band\b|\bet\b)\s*", value)]
        case list():
            names = [name for item in value for name in names_in(item)]
        case {"name": list() as inner}:
            names = [name for item in inner for name in names_in(item)]
        case {"name": str() as inner}:
            names = [inner.strip()]
    return list(dict.fromkeys(name for name in names if name and not name.startswith(("http:", "https:"))))
