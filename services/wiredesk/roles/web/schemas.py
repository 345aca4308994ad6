"""`/schemas/{name}.json`: what a record's `ce_dataschema` names, and the body of a webhook."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web

from wiredesk.events.schemas import every_schema
from wiredesk.roles.web.answers import json_answer
from wiredesk.roles.web.parameters import given_of
from wiredesk.roles.web.problem import Problem


def add_schemas(app: web.Application) -> None:
    """Serve them in `app`, the same that `deploy/asyncapi/schemas/` has."""
    schemas = every_schema()

    async def schema(request: web.Request) -> web.Response:
        given_of(request, ())
        name = request.match_info["name"]
        if name not in schemas:
            raise Problem(HTTPStatus.NOT_FOUND, f"no schema {name!r}: expected one of {', '.join(schemas)}")
        return json_answer(request, schemas[name])

    app.router.add_get("/schemas/{name:[A-Za-z]{1,64}}.json", schema)
