"""The API does what its description says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.contracts.samples import NOW, a_comment, a_copy, an_article
from tests.roles.web.api import Answer, Api, serving
from wiredesk.database import Database
from wiredesk.roles.web import server
from wiredesk.roles.web.openapi import document
from wiredesk.roles.web.parameters import PARAMETERS
from wiredesk.roles.web.server import Gate


@pytest.fixture
async def told(api: Api, desk: Database) -> Any:
    article = an_article(regions=["SY-HL"], story="a1", authors=["Ada"])
    await desk.items.put([article, an_article("a2", story="a1", language=None), a_comment()], now=NOW)
    await desk.items.add_sightings([a_copy("d1", of="a1")], now=NOW)
    return (await api.get("/api/openapi.json")).json


def check(told: Any, path: str, answer: Answer) -> None:
    assert str(answer.status) in told["paths"][path]["get"]["responses"], f"{path} answered {answer.status}"
    media = answer.headers["Content-Type"].partition(";")[0]
    value = answer.json if media.endswith("json") else answer.body.decode()
    pointer = ("paths", path, "get", "responses", str(answer.status), "content", media, "schema")
    validator(told, *pointer).validate(value)


def validator(told: Any, *pointer: str) -> Draft202012Validator:
    registry: Registry[Any] = Registry().with_resource("urn:api", Resource.from_contents(told, DRAFT202012))
    place = "/".join(name.replace("/", "~1") for name in pointer)
    return Draft202012Validator(
        {"$ref": f"urn:api#/{place}"}, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER
    )


async def test_every_route_is_described_and_nothing_else(desk: Database) -> None:
    app = server.build(healths=(), database=desk, gate=Gate(), secret="s")
    served = {
        (route.resource.canonical, method)
        for route in app.router.routes()
        if route.resource is not None and (method := route.method.lower()) != "head"
        if not (route.name or "").startswith("console-")  # pages for people
    }

    described = {(path, method) for path, operations in document_paths().items() for method in operations}
    assert described == served


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/api/items", "/api/items"),
        ("/api/items", "/api/items?limit=1"),
        ("/api/items", "/api/items?limit=0"),
        ("/api/items/{id}", "/api/items/a1"),
        ("/api/items/{id}", "/api/items/c1"),
        ("/api/items/{id}", "/api/items/nine"),
        ("/api/stories", "/api/stories"),
        ("/api/stories", "/api/stories?x=1"),
        ("/api/stories/{id}", "/api/stories/a1"),
        ("/api/stories/{id}", "/api/stories/nine"),
        ("/api/stream", "/api/stream?since_id=99"),
        ("/api/openapi.json", "/api/openapi.json"),
        ("/schemas/{name}.json", "/schemas/Article.json"),
        ("/schemas/{name}.json", "/schemas/None.json"),
        ("/livez", "/livez"),
        ("/readyz", "/readyz"),
        ("/metrics", "/metrics"),
    ],
)
async def test_an_answer_is_what_the_description_says(path: str, asked: str, told: Any, api: Api) -> None:
    check(told, path, await api.get(asked))


async def test_a_streamed_item_is_what_the_description_says(told: Any, api: Api) -> None:
    async with api.stream(since_id="0") as stream:
        item = await stream.item()

    validator(told, "components", "schemas", "Item").validate(item)


async def test_a_refusal_is_what_the_description_says(told: Any, desk: Database) -> None:
    async with serving(desk, gate=Gate(token="t")) as closed:
        for path in ("/api/items", "/api/stories", "/api/stream", "/api/openapi.json"):
            check(told, path, await closed.get(path))


def test_every_reference_leads_somewhere_and_every_schema_is_one() -> None:
    told: Any = document()

    for reference in references(told):
        *_, name = reference.split("/")
        assert reference == f"#/components/schemas/{name}"
        assert name in told["components"]["schemas"]
    for schema in told["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_parameter_is_described_where_it_is_taken() -> None:
    described = {
        parameter["name"]
        for operations in document_paths().values()
        for parameter in operations["get"].get("parameters", ())
        if parameter["in"] == "query"
    }

    assert described == set(PARAMETERS)


def document_paths() -> dict[str, Any]:
    paths: Any = document()["paths"]
    assert isinstance(paths, dict)
    return paths


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from references(each)
