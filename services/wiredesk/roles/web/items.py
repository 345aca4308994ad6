"""`/api/items` and `/api/items/{id}`."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from aiohttp import web

from wiredesk.database import Database
from wiredesk.database.items import ItemQuery, StoredItem
from wiredesk.roles.web.answers import json_answer
from wiredesk.roles.web.budget import PAGE_BYTES
from wiredesk.roles.web.cursors import Cursors
from wiredesk.roles.web.item_json import rendered
from wiredesk.roles.web.paging import Pager, ResultPage
from wiredesk.roles.web.parameters import LISTED, MAX_CHARACTERS, filters_of, given_of, item_query, refuse_names
from wiredesk.roles.web.problem import Problem


class ItemsApi:
    """What is stored, newest first or oldest first."""

    def __init__(self, database: Database, *, cursors: Cursors) -> None:
        self._database, self._cursors = database, cursors

    def add_to(self, app: web.Application) -> None:
        """Serve it in `app`."""
        app.router.add_get("/api/items", self.list)
        app.router.add_get("/api/items/{id}", self.show)

    async def list(self, request: web.Request) -> web.Response:
        """A page of items and the cursor of the next one, null at the end."""
        parameters = given_of(request, LISTED)
        pages = Pager(self._cursors, filters=filters_of(parameters))
        return json_answer(
            request, rendered_page(await page_of(self._database, item_query(parameters), pages, parameters))
        )

    async def show(self, request: web.Request) -> web.Response:
        """One item, or 404."""
        given_of(request, ())
        item_id = id_of(request, "item")
        item = await self._database.items.get(item_id)
        if item is None:
            raise not_found("item", item_id)
        return json_answer(request, rendered(item))


async def page_of(
    database: Database, query: ItemQuery, pages: Pager, parameters: Mapping[str, str]
) -> ResultPage[StoredItem]:
    """The page of the items of `query` where the cursor given stands. Raises `Problem`."""
    position = pages.position(parameters)
    before, after = (None, position) if query.oldest_first else (position, None)
    await refuse_names(database, query)
    placed = msgspec.structs.replace(query, before_seq=before, after_seq=after)
    page = await database.items.page(placed, max_bytes=PAGE_BYTES)
    return pages.piece(page.items, goes_on=page.goes_on)


def rendered_page(page: ResultPage[StoredItem]) -> dict[str, object]:
    """A page as the API gives it."""
    return {"items": [rendered(item) for item in page.rows], "next": page.next}


def id_of(request: web.Request, what: str) -> str:
    """The id in the path. Raises `Problem` where it cannot be that of anything."""
    item_id = request.match_info["id"]
    # PostgreSQL takes no NUL in a text: it would answer with an error instead of no row.
    if len(item_id) > MAX_CHARACTERS or "\x00" in item_id:
        raise not_found(what, item_id)
    return item_id


def not_found(what: str, name: str) -> Problem:
    """The problem of an id that nothing has."""
    return Problem(HTTPStatus.NOT_FOUND, f"no {what} {name[:80]!r}")
