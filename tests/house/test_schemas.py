"""The published schemas are those of the code, and only grow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.house import events_page
from tests.house.schemas import FOLDER, documents
from wiredesk.events.topics import TOPICS

RELEASED = sorted((FOLDER / "released").glob("*.json"))


@pytest.mark.parametrize("name", sorted(documents()))
def test_the_checked_in_document_is_what_the_events_give(name: str) -> None:
    assert (FOLDER / name).read_text("utf-8") == documents()[name], "run `make schemas`"


@pytest.mark.parametrize("released", RELEASED, ids=lambda path: path.stem)
def test_a_released_field_never_goes_changes_or_becomes_required(released: Path) -> None:
    old = json.loads(released.read_text("utf-8"))
    new = json.loads((FOLDER / "schemas" / released.name).read_text("utf-8"))

    assert shortcomings(old, new) == []


def test_the_page_of_events_is_what_the_code_gives() -> None:
    assert events_page.PAGE.read_text("utf-8") == events_page.page(), "run `make schemas`"


@pytest.mark.parametrize("name", [name for name in documents() if name.startswith("schemas/")])
def test_every_field_says_what_it_means(name: str) -> None:
    schema = json.loads(documents()[name])
    structs = [schema, *schema["$defs"].values()]
    fields = [field for struct in structs for field in _properties(struct).values()]

    assert [field for field in fields if not (isinstance(field, dict) and field["description"])] == []


def test_there_are_released_schemas() -> None:
    assert len(RELEASED) == 10


def test_every_topic_is_documented() -> None:
    described = json.loads((FOLDER / "asyncapi.json").read_text("utf-8"))["channels"]

    assert {channel["address"] for channel in described.values()} == {f"wiredesk.{name}" for name in TOPICS}


def test_what_wiredesk_does_with_a_topic_is_in_the_name_of_its_operation() -> None:
    operations = json.loads((FOLDER / "asyncapi.json").read_text("utf-8"))["operations"]

    assert {name: operation["action"] for name, operation in operations.items()} == {
        f"send-{name}": "send" for name in TOPICS
    }


def shortcomings(old: Mapping[str, object], new: Mapping[str, object]) -> list[str]:
    """How `new` fails who relies on `old`: readers of new records, and our own reading of old ones."""
    found = []
    for name, definition in {"": old, **_definitions(old)}.items():
        other = new if name == "" else _definitions(new).get(name)
        if other is None:
            found.append(f"{name} is gone")
            continue
        if set(_required(definition)) != set(_required(other)):
            found.append(f"{name or 'the event'} requires other fields: {_required(definition)}, {_required(other)}")
        for field, schema in _properties(definition).items():
            now = _properties(other).get(field)
            if _shape(now) != _shape(schema):
                found.append(f"{name}.{field} changed")
            found += [f"{name}.{field} {fault}" for fault in _lost_words(_words(schema), _words(now))]
    return found


def _shape(schema: object) -> object:
    if isinstance(schema, dict):
        ignored = ("description", "title", "default", "enum")
        return {key: _shape(value) for key, value in schema.items() if key not in ignored}
    if isinstance(schema, list):
        return [_shape(value) for value in schema]
    return schema


def _words(schema: object) -> frozenset[str] | None:
    """The words that a field may have, None where any."""
    if isinstance(schema, dict):
        within = [_words(value) for value in schema.get("anyOf", ())]
        listed = frozenset(schema["enum"]) if "enum" in schema else None
        return next((words for words in (listed, *within) if words is not None), None)
    return None


def _lost_words(old: frozenset[str] | None, new: frozenset[str] | None) -> list[str]:
    """A list of words may come to what had none, and grow: nobody who knows the old ones meets less than before."""
    if old is None:
        return []
    if new is None:
        return ["lists no words any more"]
    return [f"has no {word} any more" for word in sorted(old - new)]


def _definitions(schema: Mapping[str, object]) -> dict[str, dict[str, object]]:
    found = schema.get("$defs", {})
    assert isinstance(found, dict)
    return found


def _required(schema: Mapping[str, object]) -> list[str]:
    found = schema.get("required", [])
    assert isinstance(found, list)
    return found


def _properties(schema: Mapping[str, object]) -> dict[str, object]:
    found = schema.get("properties", {})
    assert isinstance(found, dict)
    return found


def test_a_removed_field_is_noticed() -> None:
    properties: dict[str, object] = {"id": {"type": "string"}, "url": {"type": "string"}}
    old: dict[str, object] = {"properties": properties, "required": ["id"]}

    assert shortcomings(old, {"properties": {"id": {"type": "string"}}, "required": ["id"]}) == [".url changed"]
    assert shortcomings(old, {**old, "required": ["id", "url"]}) != []
    assert shortcomings(old, {**old, "properties": {**properties, "new": {}}}) == []


def test_lists_of_words_come_and_grow_and_never_shrink() -> None:
    def with_words(*words: str) -> dict[str, object]:
        return {"properties": {"kind": {"type": "string", **({"enum": list(words)} if words else {})}}, "required": []}

    assert shortcomings(with_words(), with_words("a")) == []
    assert shortcomings(with_words("a"), with_words("a", "b")) == []
    assert shortcomings(with_words("a", "b"), with_words("a")) == [".kind has no b any more"]
    assert shortcomings(with_words("a"), with_words()) == [".kind lists no words any more"]
