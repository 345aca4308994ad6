"""Builds every role from the settings and runs them: the only module that names all roles."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aiohttp import web

from wiredesk.backends import Backends, database_of, open_backends, refuse_split
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
from wiredesk.roles.reads import READS, reads_beside
from wiredesk.roles.shared import Shared
from wiredesk.roles.store import role as store
from wiredesk.roles.web import role as web_role
from wiredesk.roles.web import server
from wiredesk.roles.web.connections import ConnectionLimits
from wiredesk.startup import PATIENCE, Startup
from wiredesk.stop import Run, Runs, Stop, together

_log = log(__name__)

ROLES = ("feeds", "pages", "dedupe", "geotag", "store", "notify", "web")
"""Every role, in the order of the flow."""

KINDS: Mapping[str, Sequence[str]] = {"pages": (PAGE, COMMENTS), "notify": (WEBHOOK,)}
"""Due rows that a role's records lead to, and that a run until idle waits for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to run: the roles, the feeds of the command line, and whether to end when idle; `stop` ends it from outside."""

    roles: Sequence[str] = ROLES
    feeds: Sequence[str] = ()
    until_idle: bool = False
    on_listening: Callable[[int], None] = lambda port: None
    pace: Pace = USUAL
    stop: Stop = field(default_factory=Stop)


GARBAGE = 10_000
"""New objects, less those that went, after which the collector looks for cycles among them."""


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
    refuse_split(config)
    return await _Start(config, order).run()


class _Start:
    """Listens first, so that a probe hears what the process waits for; then opens, builds and runs."""

    def __init__(self, config: Config, order: Order) -> None:
        self._config, self._order = config, order
        self._healths = {role: Health(role) for role in order.roles}
        self._startup = Startup(list(self._healths.values()), patience=patience_of(config, order))
        self._database = database_of(config, opening="migrate", on_migrating=self._startup.migrating)

    async def run(self) -> Balance | None:
        """See `run`."""
        roles, (host, port) = list(self._order.roles), self._config.listen_address
        balance: Balance | None = None
        async with (
            AsyncExitStack() as opened,  # closed after the server, which still answers from the database
            self._health_listening(),
            server.listening(self._site(), host=host, port=port) as actual,
        ):
            listen = f"{host}:{actual}"
            _log.debug("app.listening", roles=roles, listen=listen)
            with ended_by_signals(self._order.stop, budget=self._config.shutdown):
                desk = await self._started(opened)
                if desk is not None:
                    _spare_the_collector()
                    _log.info("app.started", roles=roles, listen=listen)
                    self._order.on_listening(actual)
                    balance = await desk.run()
        _log.info("app.stopped", roles=roles)
        return balance

    async def _started(self, opened: AsyncExitStack) -> _Desk | None:
        """The roles, ready to run; None where the end was asked for before they were."""
        async with asyncio.TaskGroup() as tasks:
            telling = tasks.create_task(self._startup.tell(), name="start")
            try:
                return await self._order.stop.unless(self._open_and_build(opened))
            finally:
                telling.cancel()

    async def _open_and_build(self, opened: AsyncExitStack) -> _Desk:
        config, order, started = self._config, self._order, now()
        client = order.roles[0] if len(order.roles) == 1 else "wiredesk"
        backends = await opened.enter_async_context(
            open_backends(config, self._database, client=client, stop=order.stop, startup=self._startup)
        )
        shared = _shared(config, backends)
        runs: list[Run] = []
        for role, health in self._healths.items():
            runs += await self._startup.prepared(_built(role, config, order, shared, health))
        self._startup.over()
        flow = _flow(config, order, backends, started) if order.until_idle else None
        return _Desk(runs=runs, flow=flow, stop=order.stop)

    def _site(self) -> web.Application:
        config = self._config
        token = config.token.get_secret_value()
        return server.build(
            healths=list(self._healths.values()),
            database=self._database if "web" in self._healths else None,
            gate=server.Gate(
                token=token,
                public_url=config.public_url,
                trusted=config.trusted_proxies,
                limits=ConnectionLimits.of_process(),
            ),
            secret=token or digest(config.url("database"), config.prefix),
            waiting_for=lambda: self._startup.waiting_for,
        )

    @asynccontextmanager
    async def _health_listening(self) -> AsyncIterator[None]:
        """Health and metrics on an address of their own within, where one is set: beside the other, which has them too."""
        address = self._config.health_address
        if address is None:
            yield
            return
        app = server.build(healths=list(self._healths.values()), database=None, gate=server.Gate(), secret="")
        async with server.listening(app, host=address[0], port=address[1], setting="WIREDESK_HEALTH_LISTEN"):
            yield


def _spare_the_collector() -> None:
    """Keep what the start made from the collector of cycles: looking at it again and again took a tenth of all time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """Roles that can run; with `flow` they end when nothing is left to do."""

    runs: Runs
    flow: Flow | None
    stop: Stop

    async def run(self) -> Balance | None:
        """Until `stop` is asked for; what came of it where `flow` ended it."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(together(self.runs, self.stop), name="roles")
            if self.flow is None:
                return None
            balance = await self.stop.unless(self.flow.until_idle())
            self.stop.ask()
        return balance


def patience_of(config: Config, order: Order) -> timedelta | None:
    """How long servers may stay away: somebody watches a run until idle or of all roles on files, a supervisor others."""
    is_watched = order.until_idle or (config.is_embedded and set(order.roles) == set(ROLES))
    return PATIENCE if is_watched else None


def _shared(config: Config, backends: Backends) -> Shared:
    return Shared(
        bus=backends.bus,
        state=backends.state,
        database=backends.database,
        web_client=backends.web_client,
        door=backends.door,
        workers=backends.workers,
        prefix=config.prefix,
        stall=config.stall,
        lease=config.lease,
        now=now,
    )


async def _built(role: str, config: Config, order: Order, shared: Shared, health: Health) -> Runs:
    """The tasks of `role`, whose preparations, such as storing the command line's feeds, are done by then."""
    match role:
        case "feeds":
            polling = feeds.FeedsConfig(
                urls=order.feeds,
                file=config.feeds_file,
                bounds=Bounds(floor=config.poll_floor, ceiling=config.poll_ceiling),
                pollers=config.pollers,
                polls_all_now=order.until_idle,
                environ=os.environ,
            )
            return await feeds.build(shared, polling, health)
        case "pages":
            return pages.build(
                shared, pages.PagesConfig(fetchers=config.fetchers, pace=order.pace, environ=os.environ), health
            )
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
            return web_role.build(shared, health, beside=reads_beside(order.roles))


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
