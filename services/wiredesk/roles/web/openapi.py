"""`/api/openapi.json`: what the API takes and gives, out of the structs and parameters themselves."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence

import msgspec
from aiohttp import web

from wiredesk import __version__
from wiredesk.database.stories import StoredStory
from wiredesk.events import Article, Comment
from wiredesk.roles.web.answers import json_answer
from wiredesk.roles.web.item_json import Stored
from wiredesk.roles.web.parameters import LISTED, PAGING, PARAMETERS, STREAMED, given_of
from wiredesk.roles.web.problems import ProblemDetails

Schema = Mapping[str, object]

JSON, TEXT = "application/json", "text/plain"
_REF = "#/components/schemas/"
_NULLABLE_TEXT: Schema = {"type": ["string", "null"]}


def add_description(app: web.Application) -> None:
    """Serve the description in `app`."""
    specification = document()

    async def openapi(request: web.Request) -> web.Response:
        given_of(request, ())
        return json_answer(request, specification)

    app.router.add_get("/api/openapi.json", openapi)


def document() -> dict[str, object]:
    """The OpenAPI 3.1 document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "wiredesk",
            "version": __version__,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "description": "News items and readers' comments as they come in. Lists are read by cursor, the stream "
            "goes on after the last id seen. Times are RFC 3339 in UTC.",
        },
        "security": [{"token": []}, {"password": []}, {}],
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The value of WIREDESK_TOKEN; where none is set, none is needed.",
                },
                "password": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "The same as the password of any user, for feed readers.",
                },
            },
        },
    }


def _paths() -> dict[str, object]:
    return {
        "/api/items": {"get": _operation("listItems", "Articles and comments.", _ref("ItemPage"), takes=LISTED)},
        "/api/items/{id}": {"get": _operation("getItem", "One article or comment.", _ref("Item"), by_id=True)},
        "/api/stories": {
            "get": _operation("listStories", "Stories, the last joined first.", _ref("StoryPage"), takes=PAGING)
        },
        "/api/stories/{id}": {
            "get": _operation(
                "getStory",
                "One story with its articles, the newest first.",
                _ref("StoryWithItems"),
                takes=PAGING,
                by_id=True,
            )
        },
        "/api/stream": {"get": _stream()},
        "/rules/{name}.atom": {"get": _rule_feed("Atom", "application/atom+xml", {"type": "string"})},
        "/rules/{name}.json": {"get": _rule_feed("JsonFeed", "application/feed+json", {"type": "object"})},
        "/schemas/{name}.json": {
            "get": _named("getSchema", "The JSON Schema of a record's value, or of a webhook's body.")
        },
        "/api/openapi.json": {"get": _operation("getDescription", "This document.", {"type": "object"})},
        "/livez": {"get": _health("livez", "Whether the process lives.", TEXT, {"type": "string"})},
        "/readyz": {"get": _health("readyz", "Whether all it depends on answers.", JSON, _ref("Ready"), 503)},
        "/metrics": {"get": _health("metrics", "Metrics for Prometheus.", TEXT, {"type": "string"})},
    }


def _operation(
    name: str, about: str, gives: Schema, *, takes: Sequence[str] = (), by_id: bool = False, media: str = JSON
) -> dict[str, object]:
    etag = {"ETag": {"description": "Goes into If-None-Match.", "schema": {"type": "string"}}}
    responses = {
        "200": {"description": about, "headers": etag, "content": {media: {"schema": gives}}},
        "304": {"description": "As If-None-Match names it."},
        "400": _problem("A parameter is wrong."),
        "401": _problem("No token, or another."),
        "503": _problem("The database is away: see Retry-After."),
    }
    if by_id:
        responses["404"] = _problem("Nothing has this id.")
    known: dict[str, object] = {
        "name": "If-None-Match",
        "in": "header",
        "description": "The ETag of the answer that is there already.",
        "schema": {"type": "string"},
    }
    parameters = [*([_in_path()] if by_id else []), *_parameters(takes), known]
    return {"operationId": name, "summary": about, "parameters": parameters, "responses": responses}


def _rule_feed(name: str, media: str, schema: Schema) -> dict[str, object]:
    about = "What a rule told, newest first, as a feed."
    operation = _operation(f"getRule{name}", about, schema, media=media)
    rule = {
        "name": "name",
        "in": "path",
        "required": True,
        "description": "The rule's name.",
        "schema": {"type": "string", "pattern": "^[a-z0-9-]{1,64}$"},
    }
    parameters, responses = operation["parameters"], operation["responses"]
    assert isinstance(parameters, list)
    assert isinstance(responses, dict)
    none = {"404": _problem("No alert of such a rule is stored.")}
    return {**operation, "parameters": [rule, *parameters], "responses": {**responses, **none}}


def _named(name: str, about: str) -> dict[str, object]:
    operation = _operation(name, about, {"type": "object"}, by_id=True)
    parameters = operation["parameters"]
    assert isinstance(parameters, list)
    pattern = {"type": "string", "pattern": "^[A-Za-z]{1,64}$"}
    return {**operation, "parameters": [{**_in_path(), "name": "name", "schema": pattern}, *parameters[1:]]}


def _stream() -> dict[str, object]:
    operation = _operation("streamItems", "Items as they are stored, as server-sent events.", {}, takes=STREAMED)
    last = {
        "name": "Last-Event-ID",
        "in": "header",
        "schema": PARAMETERS["since_id"].schema,
        "description": "The last id seen: all that came since is sent first. Goes before `since_id`.",
    }
    return {
        **operation,
        "description": "An event's `data` is an Item, its `id` the item's `seq`. An event without data only tells how "
        "far the stream is. Who reads too slowly is cut off, and goes on by Last-Event-ID.",
        "parameters": [*_parameters(STREAMED), last],
        "responses": {
            "200": {
                "description": "Events without end.",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            },
            "400": _problem("A parameter is wrong."),
            "401": _problem("No token, or another."),
            "503": _problem("The database is away, or too many streams are open: see Retry-After."),
        },
    }


def _health(name: str, about: str, media: str, schema: Schema, unwell: int | None = None) -> dict[str, object]:
    statuses = [200, *([unwell] if unwell else [])]
    responses = {str(status): {"description": about, "content": {media: {"schema": schema}}} for status in statuses}
    return {"operationId": name, "summary": about, "security": [], "responses": responses}


def _problem(about: str) -> dict[str, object]:
    return {"description": about, "content": {"application/problem+json": {"schema": _ref("ProblemDetails")}}}


def _parameters(names: Sequence[str]) -> list[dict[str, object]]:
    return [
        {
            "name": name,
            "in": "query",
            "description": PARAMETERS[name].about,
            "schema": {"type": "string", **PARAMETERS[name].schema},
        }
        for name in names
    ]


def _in_path() -> dict[str, object]:
    return {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def _schemas() -> dict[str, object]:
    structs = [Article, Comment, Stored, StoredStory, ProblemDetails]
    _, components = msgspec.json.schema_components(structs, ref_template=_REF + "{name}")
    return {
        **{name: _described(schema) for name, schema in components.items()},
        "Item": {"oneOf": [_item("Article"), _item("Comment")]},
        "ItemPage": _object({"items": _many("Item"), "next": _NULLABLE_TEXT}),
        "StoryPage": _object({"stories": _many("StoredStory"), "next": _NULLABLE_TEXT}),
        "StoryWithItems": _object({"story": _ref("StoredStory"), "items": _many("Item"), "next": _NULLABLE_TEXT}),
        "Ready": _object(
            {
                "ready": {"type": "boolean"},
                "down": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "additionalProperties": {"type": "string"},
                    },
                },
            }
        ),
    }


def _item(name: str) -> Schema:
    kind = {"properties": {"kind": {"const": name.lower()}}}
    return {"title": f"Stored{name}", "allOf": [_ref(name), _ref("Stored"), kind]}


def _described(schema: dict[str, object]) -> dict[str, object]:
    return (
        {**schema, "description": inspect.cleandoc(str(schema["description"]))} if "description" in schema else schema
    )


def _object(properties: Mapping[str, Schema]) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _many(name: str) -> Schema:
    return {"type": "array", "items": _ref(name)}


def _ref(name: str) -> Schema:
    return {"$ref": _REF + name}
