"""`/api/stories` and `/api/stories/{id}`."""

from __future__ import annotations

import msgspec
from aiohttp import web

from wiredesk.database import Database
from wiredesk.database.items import ItemQuery
from wiredesk.roles.web.answers import json_answer
from wiredesk.roles.web.cursors import Cursors
from wiredesk.roles.web.items import id_of, not_found, page_of, rendered_page
from wiredesk.roles.web.paging import Pager
from wiredesk.roles.web.parameters import PAGING, filters_of, given_of, limit_of


class StoriesApi:
    """What the stored articles tell of, the story that was joined last first."""

    def __init__(self, database: Database, *, cursors: Cursors) -> None:
        self._database, self._cursors = database, cursors

    def add_to(self, app: web.Application) -> None:
        """Serve it in `app`."""
        app.router.add_get("/api/stories", self.list)
        app.router.add_get("/api/stories/{id}", self.show)

    async def list(self, request: web.Request) -> web.Response:
        """A page of stories and the cursor of the next one, null at the end."""
        parameters = given_of(request, PAGING)
        pages, limit = Pager(self._cursors, filters=filters_of({}, of="stories")), limit_of(parameters)
        stories = await self._database.stories.latest(before_seq=pages.position(parameters), limit=limit + 1)
        page = pages.page(stories, limit=limit)
        return json_answer(request, {"stories": page.rows, "next": page.next})

    async def show(self, request: web.Request) -> web.Response:
        """One story with a page of its articles, the newest first; or 404."""
        parameters, story_id = given_of(request, PAGING), id_of(request, "story")
        pages, query = (
            Pager(self._cursors, filters=f"story {story_id}"),
            ItemQuery(story=story_id, limit=limit_of(parameters)),
        )
        page = await page_of(self._database, query, pages, parameters)
        story = await self._database.stories.get(story_id)
        if story is None:
            raise not_found("story", story_id)
        return json_answer(request, {"story": msgspec.structs.asdict(story), **rendered_page(page)})
