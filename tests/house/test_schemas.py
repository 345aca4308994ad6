"""The published schemas are those of the code, and only grow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.house import events_page
from tests.house.schemas import FOLDER, documents
from wiredesk.events import structs
from wiredesk.events.fields import FIELDS
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


def test_every_field_described_is_one_that_exists() -> None:
    described = {(name, field) for name, fields in FIELDS.items() for field in fields}
    there = {(name, field) for name, field in described if field in getattr(structs, name).__struct_fields__}
    assert described == there


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
        found += [
            f"{name}.{field} changed"
            for field, schema in _properties(definition).items()
            if _shape(_properties(other).get(field)) != _shape(schema)
        ]
    return found


def _shape(schema: object) -> object:
    if isinstance(schema, dict):
        return {key: _shape(value) for key, value in schema.items() if key not in ("description", "title", "default")}
    return schema


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
