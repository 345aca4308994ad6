"""`/api/stream`: stored items as they come, as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from functools import partial

import aiohttp
from aiohttp import web

from wiredesk.database import Database
from wiredesk.errors import Unavailable
from wiredesk.observe import log
from wiredesk.roles.web.budget import ByteBudget
from wiredesk.roles.web.follower import Follower, StreamLimits, StreamReader
from wiredesk.roles.web.frames import Frame, opening, position
from wiredesk.roles.web.parameters import STREAMED, given_of, item_query, refuse_names, seq_of
from wiredesk.roles.web.problem import Problem, fault

_log = log(__name__)

PATH = "/api/stream"
RETRY_MILLISECONDS = 2_000
PIECE_BYTES = 64 * 1024
"""Written at once: what the reader does not take stands in the connection's buffer, once for each reader."""
HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx would hold events back
}


class StreamApi:
    """The live stream. Every event id is the item's `seq`; a reader that comes back with it goes on from there."""

    def __init__(self, database: Database, *, limits: StreamLimits, budget: ByteBudget | None = None) -> None:
        self._database, self._follower = database, Follower(database.items, limits=limits, budget=budget)

    def add_to(self, app: web.Application) -> None:
        """Serve it in `app`, whose start and end are the follower's."""
        app.router.add_get(PATH, self.stream)
        app.cleanup_ctx.append(self._following)
        app.on_shutdown.append(self._end)

    async def _following(self, _: web.Application) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as tasks:
            following = tasks.create_task(self._follower.run(), name="follow stored items")
            yield
            following.cancel()

    async def _end(self, _: web.Application) -> None:
        self._follower.end()

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Items from now on, or after `Last-Event-ID` or `since_id`, the header first: it is the later one."""
        parameters = given_of(request, STREAMED)
        query, since = await refuse_names(self._database, item_query(parameters, STREAMED)), _since(request, parameters)
        if request.method == "HEAD":
            return web.Response(headers=HEADERS)
        async with self._follower.joined(query, since=since, cut=partial(_abort, request)) as reader:
            response = web.StreamResponse(headers=HEADERS)
            try:
                await self._send(reader, request, response)
            except (ConnectionError, aiohttp.ClientConnectionError) as error:
                _log.debug("web.stream_left", at=reader.at, error=str(error))
            except TimeoutError:
                _log.warning("web.stream_stalled", at=reader.at, seconds=self._follower.limits.write.total_seconds())
                _abort(request)
            except Unavailable as error:  # it comes back by itself, and goes on where it was
                _log.warning("web.stream_ended", at=reader.at, error=str(error))
        return response

    async def _send(self, reader: StreamReader, request: web.Request, response: web.StreamResponse) -> None:
        await response.prepare(request)
        async with aclosing(self._pieces(reader)) as pieces:
            async for piece in pieces:
                for start in range(0, len(piece), PIECE_BYTES):
                    async with asyncio.timeout(self._follower.limits.write.total_seconds()):
                        await response.write(piece[start : start + PIECE_BYTES])

    async def _pieces(self, reader: StreamReader) -> AsyncGenerator[memoryview, None]:
        yield memoryview(opening(reader.at, retry_milliseconds=RETRY_MILLISECONDS))
        async with aclosing(self._follower.caught_up(reader)) as earlier:
            async for frames in earlier:
                for piece in _joined(frames):
                    yield piece
        while not reader.is_over:
            try:
                async with asyncio.timeout(self._follower.limits.heartbeat.total_seconds()):
                    frames = await reader.take()
            except TimeoutError:
                yield memoryview(position(self._follower.standing(reader)))
            else:
                for piece in _joined(frames):
                    yield piece


def _joined(frames: Sequence[Frame]) -> Iterator[memoryview]:
    """Small frames together, as each write is a packet; a large one alone, and not copied."""
    small: list[bytes] = []
    for frame in frames:
        if len(frame.sent) >= PIECE_BYTES or sum(map(len, small)) >= PIECE_BYTES:
            yield memoryview(b"".join(small))
            small = []
        if len(frame.sent) >= PIECE_BYTES:
            yield memoryview(frame.sent)
        else:
            small.append(frame.sent)
    yield memoryview(b"".join(small))


def _since(request: web.Request, parameters: dict[str, str]) -> int | None:
    last = request.headers.get("Last-Event-ID", "").strip()
    try:
        return seq_of({"since_id": last}, "since_id") if last else seq_of(parameters, "since_id")
    except Problem as problem:
        if not last:
            raise
        raise fault("Last-Event-ID", last, expected=problem.facts["expected"]) from problem


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
