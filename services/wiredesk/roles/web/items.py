"""`/api/items` and `/api/items/{id}`."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from aiohttp import web

from wiredesk.database import Database
from wiredesk.database.items import StoredItem
from wiredesk.roles.web.cursors import Cursors
from wiredesk.roles.web.parameters import filters_of, item_query
from wiredesk.roles.web.problems import Problem


class ItemsApi:
    """What is stored, newest first."""

    def __init__(self, database: Database, *, cursors: Cursors) -> None:
        self._database, self._cursors = database, cursors

    def add_to(self, app: web.Application) -> None:
        """Serve it in `app`."""
        app.router.add_get("/api/items", self.list)
        app.router.add_get("/api/items/{id}", self.one)

    async def list(self, request: web.Request) -> web.Response:
        """A page of items and the cursor of the next one, null at the end."""
        given = dict(request.query)
        query, filters = item_query(given), filters_of(given)
        if given.get("cursor"):
            try:
                before = self._cursors.read(given["cursor"], filters=filters)
            except ValueError as error:
                raise Problem(HTTPStatus.BAD_REQUEST, str(error)) from error
            query = msgspec.structs.replace(query, before_seq=before)
        # One more than asked for tells whether a next page exists.
        found = await self._database.items.search(msgspec.structs.replace(query, limit=query.limit + 1))
        page = found[: query.limit]
        following = self._cursors.write(page[-1].seq, filters=filters) if len(found) > query.limit else None
        return json_response({"items": [rendered(item) for item in page], "next": following})

    async def one(self, request: web.Request) -> web.Response:
        """One item, or 404."""
        item_id = request.match_info["id"]
        found = await self._database.items.get(item_id)
        if found is None:
            raise Problem(HTTPStatus.NOT_FOUND, f"no item {item_id[:80]!r}")
        return json_response(rendered(found))


def rendered(item: StoredItem) -> dict[str, object]:
    """An item as the API gives it: the event's fields, when it was stored, where else it was seen."""
    return {
        "kind": item.kind, **msgspec.structs.asdict(item.event), "stored_at": item.stored_at,
        "sources": list(item.sources), "comments": item.comments,
    }  # fmt: skip


def json_response(value: object) -> web.Response:
    """`value` as JSON, as the events are encoded."""
    return web.Response(body=msgspec.json.encode(value), content_type="application/json", charset="utf-8")
