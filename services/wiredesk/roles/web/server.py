"""The HTTP side of a process: health for every role, the API and the console where `web` runs."""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiohttp import web

from wiredesk.database import Database
from wiredesk.errors import Misconfigured
from wiredesk.observe import Health
from wiredesk.roles.web.assets import add_assets
from wiredesk.roles.web.auth import add_signing_in, token_required
from wiredesk.roles.web.console import Console
from wiredesk.roles.web.cursors import Cursors
from wiredesk.roles.web.follower import StreamLimits
from wiredesk.roles.web.health import add_health
from wiredesk.roles.web.items import ItemsApi
from wiredesk.roles.web.openapi import add_description
from wiredesk.roles.web.problems import problems
from wiredesk.roles.web.protection import protected
from wiredesk.roles.web.rule_feeds import RuleFeeds
from wiredesk.roles.web.schemas import add_schemas
from wiredesk.roles.web.starting import WaitingFor, held_while_starting
from wiredesk.roles.web.stories import StoriesApi
from wiredesk.roles.web.stream import StreamApi

SHUTDOWN_SECONDS = 3.0
MAX_BODY_BYTES = 1024 * 1024


def build(
    *,
    healths: Sequence[Health],
    database: Database | None,
    token: str,
    secret: str,
    public_url: str = "",
    limits: StreamLimits | None = None,
    waiting_for: WaitingFor = lambda: "",
) -> web.Application:
    """The application; without `database` it serves health and metrics only.

    While `waiting_for` names something, the process still starts: nobody is let through to the database.
    """
    middlewares = [problems, token_required(token), held_while_starting(waiting_for)]
    app = web.Application(middlewares=middlewares, client_max_size=MAX_BODY_BYTES)
    protected(app, is_private=bool(token))
    add_health(app, healths)
    if database is not None:
        cursors = Cursors(secret)
        ItemsApi(database, cursors=cursors).add_to(app)
        StoriesApi(database, cursors=cursors).add_to(app)
        StreamApi(database, limits=limits or StreamLimits()).add_to(app)
        RuleFeeds(database, public_url=public_url).add_to(app)
        add_description(app)
        add_schemas(app)
        Console(database, cursors=cursors, has_token=bool(token), healths=healths).add_to(app)
        add_assets(app)
        if token:
            add_signing_in(app, token)
    return app


@asynccontextmanager
async def listening(app: web.Application, *, host: str, port: int) -> AsyncIterator[int]:
    """Serve `app` within; gives the port. Raises `Misconfigured` where the address cannot be had."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS, handle_signals=False)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            why = (error.strerror or str(error)).rpartition("): ")[2]  # asyncio says the address once more
            advice = "; port 0 takes any that is free" if error.errno == errno.EADDRINUSE else ""
            raise Misconfigured(f"WIREDESK_LISTEN={host}:{port}: {why}{advice}") from error
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
