"""What subscribers validate against: a JSON Schema a struct, and the AsyncAPI 3 document of the topics."""

from __future__ import annotations

import inspect

import msgspec

from wiredesk.events.articles import Article
from wiredesk.events.changes import Alert
from wiredesk.events.comments import Comment
from wiredesk.events.envelope import schema_of
from wiredesk.events.event import Event
from wiredesk.events.structs import ALL, DUPLICATE_TYPES
from wiredesk.events.topics import TOPICS

WEBHOOK = "Webhook"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(event: type[Event]) -> dict[str, object]:
    """The JSON Schema (2020-12) of the event's value; its `$id` is the event's `ce_dataschema`."""
    _, components = msgspec.json.schema_components([event], ref_template="#/$defs/{name}")
    definitions = {name: _ordered(schema) for name, schema in components.items()}
    own = definitions.pop(event.__name__)
    return {"$schema": DIALECT, "$id": schema_of(event), **own, "$defs": definitions}


def every_schema() -> dict[str, dict[str, object]]:
    """All of them by name, that of a webhook's body too; what `deploy/asyncapi/schemas/` has and `web` serves."""
    return {**{event.__name__: json_schema(event) for event in ALL}, WEBHOOK: webhook_schema()}


def webhook_schema() -> dict[str, object]:
    """The JSON Schema of what an endpoint gets: the alert, and its item in short."""
    _, components = msgspec.json.schema_components([Alert, Article, Comment], ref_template="#/$defs/{name}")
    items = {
        name: {"$ref": f"#/$defs/{struct.__name__}", "description": f"The {name} that matched, its text cut."}
        for name, struct in (("article", Article), ("comment", Comment))
    }
    return {
        "$schema": DIALECT,
        "$id": f"urn:wiredesk:schemas:{WEBHOOK}.json",
        "title": WEBHOOK,
        "description": "The body of a webhook, by Standard Webhooks 1.0.0. `data` is the alert with its item, whose text is "
        "cut to 4 KB.",
        "type": "object",
        "properties": {
            "type": {"const": Alert.type_name, "description": "What it tells of."},
            "timestamp": {"type": "string", "format": "date-time", "description": "When the alert was first written."},
            "data": {
                "description": "The alert, with its item under `article` or `comment`.",
                "allOf": [{"$ref": "#/$defs/Alert"}, {"type": "object", "properties": items}],
                "oneOf": [{"required": [name]} for name in items],
            },
        },
        "required": ["type", "timestamp", "data"],
        "$defs": {name: _ordered(schema) for name, schema in components.items()},
    }


def _ordered(schema: object) -> dict[str, object]:
    """The same, its description in one paragraph a line, and each field's at the end."""
    assert isinstance(schema, dict)
    properties = {
        field: {
            **{key: value for key, value in shape.items() if key != "description"},
            "description": shape["description"],
        }
        for field, shape in schema["properties"].items()
    }
    return {**schema, "description": inspect.cleandoc(str(schema["description"])), "properties": properties}


def asyncapi(*, version: str) -> dict[str, object]:
    """The AsyncAPI 3.0 document of the topics, for the default prefix."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "wiredesk",
            "version": version,
            "description": "News items as they come in. Values are JSON; headers are CloudEvents 1.0 in binary mode. "
            "Delivery is at least once: who wants each thing once skips a `ce_id` already seen.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {name: _channel(name) for name in TOPICS},
        "operations": {
            f"send-{name}": {"action": "send", "channel": {"$ref": f"#/channels/{name}"}} for name in TOPICS
        },
        "components": {
            "messages": {event.__name__: _message(event) for event in ALL},
            "schemas": {"headers": _headers()},
        },
    }


def _channel(name: str) -> dict[str, object]:
    kept, carried, key = TOPICS[name]
    return {
        "address": f"wiredesk.{name}",
        "description": f"Key: {key}. Kept {kept.days} days.",
        "messages": {event.__name__: {"$ref": f"#/components/messages/{event.__name__}"} for event in carried},
        "bindings": {
            "kafka": {
                "topicConfiguration": {"retention.ms": int(kept.total_seconds() * 1000)},
                "bindingVersion": "0.5.0",
            }
        },
    }


def _message(event: type[Event]) -> dict[str, object]:
    names = [event.type_name, *([DUPLICATE_TYPES[event]] if event in DUPLICATE_TYPES else [])]
    return {
        "name": event.__name__,
        "summary": inspect.cleandoc(event.__doc__ or ""),
        "description": "`ce_type`: " + ", ".join(f"`{name}`" for name in names),
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/headers"},
        "payload": {"$ref": f"schemas/{event.__name__}.json"},
    }


def _headers() -> dict[str, object]:
    described = {
        "ce_specversion": "`1.0`",
        "ce_id": "the capture: the same for a replay, another for a changed text",
        "ce_source": "`/<prefix>/<role>`",
        "ce_type": "the event's type",
        "ce_time": "when it was published here, RFC 3339 in UTC",
        "ce_subject": "the URL, or the id of the item",
        "ce_dataschema": "the `$id` of the value's schema: `urn:wiredesk:schemas:NAME.json` is served at `/schemas/NAME.json`",
        "content-type": "`application/json`",
        "traceparent": "W3C trace context, carried on from the poll",
    }
    return {
        "type": "object",
        "properties": {name: {"type": "string", "description": text} for name, text in described.items()},
        "required": list(described),
    }
