"""Builds every role from the settings and runs them: the only module that names all roles."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiohttp import web

from wiredesk.backends import Backends, open_backends
from wiredesk.config import Config
from wiredesk.errors import Misconfigured
from wiredesk.events import digest
from wiredesk.idle import Balance, Flow, Stretch
from wiredesk.lifecycle import ended_by_signals
from wiredesk.observe import Health, log
from wiredesk.roles.dedupe import role as dedupe
from wiredesk.roles.feeds import role as feeds
from wiredesk.roles.feeds.schedule import Bounds
from wiredesk.roles.geotag import role as geotag
from wiredesk.roles.notify import role as notify
from wiredesk.roles.notify.sender import WEBHOOK
from wiredesk.roles.pages import role as pages
from wiredesk.roles.pages.look.jobs import COMMENTS, PAGE
from wiredesk.roles.pages.look.revisits import USUAL, Pace
from wiredesk.roles.reads import READS
from wiredesk.roles.shared import Shared
from wiredesk.roles.store import role as store
from wiredesk.roles.web import role as web_role
from wiredesk.roles.web import server
from wiredesk.stop import Run, Runs, Stop, together
from wiredesk.workers import Workers

_log = log(__name__)

ROLES = ("feeds", "pages", "dedupe", "geotag", "store", "notify", "web")
"""Every role, in the order of the flow."""

KINDS: Mapping[str, Sequence[str]] = {"pages": (PAGE, COMMENTS), "notify": (WEBHOOK,)}
"""Due rows that a role's records lead to, and that a run until idle waits for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to run: roles, feeds given by flag, whether to end when idle; `stop` ends it from outside."""

    roles: Sequence[str] = ROLES
    feeds: Sequence[str] = ()
    until_idle: bool = False
    on_listening: Callable[[int], None] = lambda port: None
    pace: Pace = USUAL
    stop: Stop = field(default_factory=Stop)


def now() -> datetime:
    """The clock of the roles."""
    return datetime.now(UTC)


async def run(config: Config, order: Order) -> Balance | None:
    """Run the roles until SIGTERM, SIGINT or, where asked for, until nothing is left to do.

    Returns what came of it when it ended idle, else None. Raises `WiredeskError`, one line for the operator.
    """
    unknown = [role for role in order.roles if role not in ROLES]
    if unknown:
        raise Misconfigured(f"unknown role {unknown[0]!r}: expected one of {', '.join(ROLES)}")
    if "web" in order.roles and config.lacks_token:
        raise Misconfigured(f"WIREDESK_TOKEN is needed where WIREDESK_LISTEN={config.listen} is not loopback")
    client = order.roles[0] if len(order.roles) == 1 else "wiredesk"
    async with open_backends(config, client=client, stop=order.stop) as backends:
        return await _run(config, order, backends)


async def _run(config: Config, order: Order, backends: Backends) -> Balance | None:
    healths = {role: Health(role) for role in order.roles}
    shared, started = _shared(config, backends), now()
    balance: Balance | None = None
    host, port = config.listen_address
    runs: list[Run] = []
    for role, health in healths.items():
        runs += await _built(role, config, order, shared, health)
    async with server.listening(_site(config, backends, healths), host=host, port=port) as actual:
        _log.info("app.started", roles=list(order.roles), listen=f"{host}:{actual}")
        order.on_listening(actual)
        with ended_by_signals(order.stop, budget=config.shutdown):
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(together(runs, order.stop))
                if order.until_idle:
                    balance = await order.stop.unless(_flow(config, order, backends, started).until_idle())
                    order.stop.ask()
    _log.info("app.stopped", roles=list(order.roles))
    return balance


def _shared(config: Config, backends: Backends) -> Shared:
    return Shared(
        bus=backends.bus,
        state=backends.state,
        database=backends.database,
        manners=backends.manners,
        door=backends.door,
        workers=Workers(config.workers),
        prefix=config.prefix,
        stall=config.stall,
        lease=config.lease,
        now=now,
    )


async def _built(role: str, config: Config, order: Order, shared: Shared, health: Health) -> Runs:
    """What `role` runs. What it needs beforehand, as the feeds given, is done by then."""
    match role:
        case "feeds":
            polling = feeds.FeedsConfig(
                urls=order.feeds,
                file=config.feeds_file,
                bounds=Bounds(floor=config.poll_floor, ceiling=config.poll_ceiling),
                pollers=config.pollers,
                polls_all_now=order.until_idle,
            )
            return await feeds.build(shared, polling, health)
        case "pages":
            return pages.build(shared, pages.PagesConfig(fetchers=config.fetchers, pace=order.pace), health)
        case "dedupe":
            return dedupe.build(shared, health)
        case "geotag":
            places = geotag.GeotagConfig(home=config.home, places_file=config.places_file)
            return await geotag.build(shared, places, health)
        case "store":
            return store.build(shared, health, keep_days=config.keep_days)
        case "notify":
            rules = notify.NotifyConfig(rules_file=config.rules_file, environ=os.environ, max_age=config.alert_max_age)
            return await notify.build(shared, rules, health)
        case _:  # web: its server runs in every process
            return web_role.build(shared, health)


def _site(config: Config, backends: Backends, healths: Mapping[str, Health]) -> web.Application:
    token = config.token.get_secret_value()
    return server.build(
        healths=list(healths.values()),
        database=backends.database if "web" in healths else None,
        token=token,
        secret=token or digest(config.url("database"), config.prefix),
        public_url=config.public_url,
    )


def _flow(config: Config, order: Order, backends: Backends, started: datetime) -> Flow:
    stretches = [
        Stretch(
            group=f"{config.prefix}.{role}",
            topics=[f"{config.prefix}.{topic}" for topic in topics],
            kinds=KINDS.get(role, ()),
        )
        for role, topics in READS.items()
        if role in order.roles
    ]
    return Flow(
        bus=backends.bus,
        database=backends.database,
        stretches=stretches,
        prefix=config.prefix,
        health=Health("idle"),
        started=started,
        now=now,
    )
