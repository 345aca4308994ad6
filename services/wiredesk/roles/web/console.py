"""The console: pages for people, over the same records and parameters as the API."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import web

from wiredesk.database import Database
from wiredesk.database.items import ItemQuery
from wiredesk.errors import Unavailable
from wiredesk.events import Comment
from wiredesk.observe import Health
from wiredesk.roles.web import html
from wiredesk.roles.web.away import away
from wiredesk.roles.web.budget import PAGE_BYTES
from wiredesk.roles.web.cursors import Cursors
from wiredesk.roles.web.items import id_of, not_found, page_of
from wiredesk.roles.web.pages import feeds, item, layout, news, rows
from wiredesk.roles.web.paging import Pager
from wiredesk.roles.web.parameters import FILTERS, filters_of, given_of, item_query, seq_of
from wiredesk.roles.web.problem import Problem, fault
from wiredesk.roles.web.problems import Handler

AT_ONCE: Final = 50
"""Items on a page, and new ones in one answer."""

MOST_COMMENTS: Final = 1_000


class Console:
    """`/`, `/items/{id}`, `/feeds`, and `/rows`, which is what `console.js` fetches when the stream says so."""

    def __init__(
        self, database: Database, *, cursors: Cursors, has_token: bool, healths: Sequence[Health] = ()
    ) -> None:
        self._database, self._cursors, self._has_token, self._healths = database, cursors, has_token, healths

    def add_to(self, app: web.Application) -> None:
        """Serve it in `app`."""
        app.middlewares.append(_lost)
        for path, handler in (
            ("/", self.news),
            ("/rows", self.rows),
            ("/items/{id}", self.item),
            ("/feeds", self.feeds),
        ):
            app.router.add_get(path, _told_in_html(handler), name=f"console-{handler.__name__}")

    async def news(self, request: web.Request) -> web.Response:
        """The newest items that suit the filters, or those beyond a cursor."""
        parameters = given_of(request, (*FILTERS, "cursor"))
        filters = {name: parameters[name].strip() for name in FILTERS if parameters.get(name, "").strip()}
        query = msgspec.structs.replace(item_query(filters), limit=AT_ONCE)
        # Before the search: what is stored in between comes by the stream once more, and takes its own place.
        head = await self._database.items.head()
        page = await page_of(self._database, query, Pager(self._cursors, filters=filters_of(filters)), parameters)
        shown = news.NewsPage(
            items=page.rows,
            filters=filters,
            head=head,
            older=page.next,
            is_newest=not parameters.get("cursor"),
            feeds=await self._database.feeds.overview(most=feeds.BESIDE_THE_NEWS),
            now=datetime.now(UTC),
            may_leave=self._has_token,
            waiting_for=self._waiting_for(),
        )
        return await _page(request, partial(news.page, shown))

    def _waiting_for(self) -> list[str]:
        down = {name: why for health in self._healths for name, why in health.down.items()}
        return [f"the {name} ({why})" for name, why in sorted(down.items())]

    async def rows(self, request: web.Request) -> web.Response:
        """The newest rows after `since_id`, at most a page of them."""
        parameters = given_of(request, (*FILTERS, "since_id"))
        since = seq_of(parameters, "since_id")
        if since is None:
            raise fault("since_id", "", expected="the seq of the newest item there is")
        filters = {name: parameters[name] for name in FILTERS if parameters.get(name)}
        query = msgspec.structs.replace(item_query(filters), limit=AT_ONCE, after_seq=since)
        items = (await self._database.items.page(query, max_bytes=PAGE_BYTES)).items
        return await _page(request, lambda: rows.rows(items, now=datetime.now(UTC)).html)

    async def item(self, request: web.Request) -> web.Response:
        """One item with the comments on it, or 404."""
        given_of(request, ())
        item_id = id_of(request, "item")
        stored_item = await self._database.items.get(item_id)
        if stored_item is None:
            raise not_found("item", item_id)
        on_it = ItemQuery(article_id=item_id, kind="comment", limit=MOST_COMMENTS)
        stored = (await self._database.items.page(on_it, max_bytes=PAGE_BYTES)).items if stored_item.comments else ()
        comments = [row.event for row in stored if isinstance(row.event, Comment)]
        shown = item.Shown(item=stored_item, comments=comments, now=datetime.now(UTC), may_leave=self._has_token)
        return await _page(request, partial(item.page, shown))

    async def feeds(self, request: web.Request) -> web.Response:
        """The health of all feeds, or of those in one state."""
        state = given_of(request, ("state",)).get("state", "")
        if state and state not in feeds.ORDER:
            raise fault("state", state, expected=" or ".join(feeds.ORDER))
        status, now = await self._database.feeds.status(), datetime.now(UTC)
        return await _page(request, partial(feeds.page, status, state=state, now=now, may_leave=self._has_token))


async def _page(request: web.Request, render: Callable[[], str]) -> web.Response:
    """Rendered off the loop: a long thread of comments is tens of milliseconds of work."""
    return html.page(request, await asyncio.to_thread(render))


def _told_in_html(handler: Handler) -> Handler:
    """The same handler, whose problems are pages where a browser asks."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Problem as problem:
            if not html.is_wanted(request):
                raise
            return _message(request, problem.status, problem.detail)
        except Unavailable as error:
            if not html.is_wanted(request):
                raise
            return away(request, error)

    return answer


@web.middleware
async def _lost(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Show a browser that an address does not exist."""
    try:
        return await handler(request)
    except web.HTTPNotFound as error:
        if not html.is_wanted(request):
            raise
        return _message(request, HTTPStatus(error.status), f"{request.path}: there is no such page")


def _message(request: web.Request, status: HTTPStatus, detail: str) -> web.Response:
    return html.page(request, layout.message(status.phrase, detail), status=status)
