"""The HTTP side of a process: health for every role, the API and the console where `web` runs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from typing import Final

from aiohttp import web

from wiredesk.database import Database
from wiredesk.observe import Health
from wiredesk.roles.web import listener
from wiredesk.roles.web.assets import add_assets
from wiredesk.roles.web.attempts import LONGEST, Attempts
from wiredesk.roles.web.auth import Access, add_signing_in, token_required
from wiredesk.roles.web.budget import ByteBudget
from wiredesk.roles.web.connections import ConnectionLimits, Connections
from wiredesk.roles.web.console import Console
from wiredesk.roles.web.cursors import Cursors
from wiredesk.roles.web.follower import StreamLimits
from wiredesk.roles.web.health import add_health
from wiredesk.roles.web.hosts_served import host_checked
from wiredesk.roles.web.items import ItemsApi
from wiredesk.roles.web.keys import Keys
from wiredesk.roles.web.openapi import add_description
from wiredesk.roles.web.peers import Peers
from wiredesk.roles.web.problems import problems
from wiredesk.roles.web.protection import protected
from wiredesk.roles.web.refusals import Refusals
from wiredesk.roles.web.rule_feeds import RuleFeeds
from wiredesk.roles.web.schemas import add_schemas
from wiredesk.roles.web.serving import connection_kept, within_budget
from wiredesk.roles.web.starting import WaitingFor, held_while_starting
from wiredesk.roles.web.stories import StoriesApi
from wiredesk.roles.web.stream import PATH as STREAM_PATH
from wiredesk.roles.web.stream import StreamApi

MAX_BODY_BYTES: Final = 16 * 1024
"""The form to sign in is all that anybody sends."""

CONNECTIONS: Final = web.AppKey("connections", Connections)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """How visitors are met: whose word about others is taken, how many connections, how long wrong tokens wait."""

    token: str = ""
    public_url: str = ""
    trusted: Sequence[IPv4Network | IPv6Network] = ()
    limits: ConnectionLimits = field(default_factory=ConnectionLimits)
    longest_delay: timedelta = LONGEST


def build(
    *,
    healths: Sequence[Health],
    database: Database | None,
    gate: Gate,
    secret: str,
    limits: StreamLimits | None = None,
    waiting_for: WaitingFor = lambda: "",
) -> web.Application:
    """The application; without `database` it serves health and metrics only. Takes 50 ms: keys are derived slowly.

    While `waiting_for` names something, the process still starts: nobody is let through to the database.
    """
    peers, refusals, is_private = Peers(gate.trusted), Refusals(), bool(gate.token)
    connections = Connections(gate.limits, peers=peers, refusals=refusals)
    app = web.Application(middlewares=[connection_kept(connections), problems], client_max_size=MAX_BODY_BYTES)
    app[CONNECTIONS] = connections
    protected(app, is_private=is_private)
    add_health(app, healths)
    if database is None:
        return app
    keys, budget = Keys.of(secret), ByteBudget()
    access = Access(
        token=gate.token,
        key=keys.sessions,
        signed_out=database.signed_out,
        peers=peers,
        attempts=Attempts(longest=gate.longest_delay),
        refusals=refusals,
        public_url=gate.public_url,
    )
    app.middlewares.append(
        host_checked(public_url=gate.public_url, is_private=is_private, peers=peers, refusals=refusals)
    )
    app.middlewares.append(held_while_starting(waiting_for))
    app.middlewares.append(token_required(access))
    _add_pages(
        app, database, Cursors(keys.cursors), budget, gate=gate, limits=limits or StreamLimits(), healths=healths
    )
    if is_private:
        add_signing_in(app, access)
    app.middlewares.append(within_budget(budget, streams=frozenset({STREAM_PATH})))
    return app


def _add_pages(
    app: web.Application,
    database: Database,
    cursors: Cursors,
    budget: ByteBudget,
    *,
    gate: Gate,
    limits: StreamLimits,
    healths: Sequence[Health],
) -> None:
    ItemsApi(database, cursors=cursors).add_to(app)
    StoriesApi(database, cursors=cursors).add_to(app)
    StreamApi(database, limits=limits, budget=budget).add_to(app)
    RuleFeeds(database, public_url=gate.public_url).add_to(app)
    add_description(app)
    add_schemas(app)
    Console(database, cursors=cursors, has_token=bool(gate.token), healths=healths).add_to(app)
    add_assets(app)


def listening(
    app: web.Application, *, host: str, port: int, setting: str = "WIREDESK_LISTEN"
) -> AbstractAsyncContextManager[int]:
    """Serve `app` within; gives the port. Raises `Misconfigured` where the address cannot be had."""
    return listener.listening(app, app[CONNECTIONS], address=(host, port), setting=setting)
