"""Builds every role from the settings and runs them: the only module that names all concrete classes."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from wiredesk import pipeline
from wiredesk.backends import Backends, open_backends
from wiredesk.bus.watch import Onlooker
from wiredesk.config import Config
from wiredesk.dispatch import Dispatcher, Duty
from wiredesk.errors import Misconfigured
from wiredesk.events import digest
from wiredesk.idle import Balance, Flow, Stretch
from wiredesk.lifecycle import Run, as_coroutine, ended_by_signals
from wiredesk.observe import Health, log
from wiredesk.patience import Probe, patiently
from wiredesk.roles.dedupe import stage as dedupe
from wiredesk.roles.feeds.file import FeedsFile
from wiredesk.roles.feeds.freshness import Freshness
from wiredesk.roles.feeds.schedule import Bounds
from wiredesk.roles.feeds.stage import FEED, Poller
from wiredesk.roles.feeds.stage import Parts as PollerParts
from wiredesk.roles.feeds.subscriptions import from_flags, subscriptions
from wiredesk.roles.geotag import file as gazetteer_file
from wiredesk.roles.geotag import stage as geotag
from wiredesk.roles.geotag.gazetteer import Gazetteer
from wiredesk.roles.geotag.places_file import PlacesFile
from wiredesk.roles.notify import stage as notify
from wiredesk.roles.notify.file import RulesFile
from wiredesk.roles.notify.sender import LIMIT as SENDER_LIMIT
from wiredesk.roles.notify.sender import WEBHOOK, Sender
from wiredesk.roles.notify.sender import Parts as SenderParts
from wiredesk.roles.pages.look import intake
from wiredesk.roles.pages.look.comment_feeds import CommentReader
from wiredesk.roles.pages.look.jobs import COMMENTS, PAGE, THREAD
from wiredesk.roles.pages.look.publishing import Deps
from wiredesk.roles.pages.look.revisits import USUAL, Pace
from wiredesk.roles.pages.look.stage import Fetcher
from wiredesk.roles.reads import READS, reads_beside
from wiredesk.roles.store import stage as store
from wiredesk.roles.store.upkeep import Upkeep
from wiredesk.roles.web import server
from wiredesk.stop import Stop
from wiredesk.workers import Workers

_log = log(__name__)

ROLES = ("feeds", "pages", "dedupe", "geotag", "store", "notify", "web")
"""Every role, in the order of the flow."""

KINDS = {"pages": (PAGE, COMMENTS), "notify": (WEBHOOK,)}
"""Due rows that a role's records lead to, and that a run until idle waits for."""

PAGE_LIMIT = timedelta(minutes=3)
POLL_LIMIT = timedelta(minutes=3)
PER_HOST = 2
"""Requests to one host at once, across all replicas."""

SENDERS, PER_ENDPOINT = 128, 8
"""Webhooks in the air. With 8, a receiver that answers within 0.5 s takes 16 a second, with 2 it would take 4; one that hangs is
left alone after one timeout, five silences being enough."""


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
    client = order.roles[0] if len(order.roles) == 1 else "wiredesk"
    async with open_backends(config, client=client, stop=order.stop) as backends:
        return await _Desk(config, order, backends).run()


class _Desk:
    def __init__(self, config: Config, order: Order, backends: Backends) -> None:
        self._config, self._order, self._backends, self._stop = config, order, backends, order.stop
        self._workers = Workers(config.workers)
        self._feeds_file: FeedsFile | None = None
        self._started = now()

    async def run(self) -> Balance | None:
        healths = {role: Health(role) for role in self._order.roles}
        runs = [run for role in self._order.roles for run in self._runs(role, healths[role])]
        host, port = self._config.listen_address
        balance: Balance | None = None
        if "feeds" in self._order.roles:
            await self._subscribe(healths["feeds"])
        async with server.listening(self._http(list(healths.values())), host=host, port=port) as actual:
            _log.info("app.started", roles=list(self._order.roles), listen=f"{host}:{actual}")
            self._order.on_listening(actual)
            with ended_by_signals(self._stop, budget=self._config.shutdown):
                async with asyncio.TaskGroup() as tasks:
                    for run in runs:
                        tasks.create_task(as_coroutine(run, self._stop))
                    if self._order.until_idle:
                        balance = await self._stop.unless(self._flow().until_idle())
                        self._stop.ask()
        _log.info("app.stopped", roles=list(self._order.roles))
        return balance

    def _http(self, healths: Sequence[Health]) -> Any:
        token = self._config.token.get_secret_value()
        is_web = "web" in self._order.roles
        if is_web and not token and not _is_loopback(self._config.listen_address[0]):
            raise Misconfigured(f"WIREDESK_TOKEN is needed where WIREDESK_LISTEN={self._config.listen} is not loopback")
        return server.build(
            healths=healths,
            database=self._backends.database if is_web else None,
            token=token,
            secret=token or digest(self._config.url("database"), self._config.prefix),
            public_url=self._config.public_url,
        )

    def _runs(self, role: str, health: Health) -> Sequence[Run]:
        match role:
            case "feeds":
                return self._feeds(health)
            case "pages":
                return self._pages(health)
            case "dedupe":
                judging = self._stage(role, dedupe, dedupe.Dedupe(self._backends.state.seen, now=now), health)
                return [judging, self._probe_of_state(health)]
            case "geotag":
                return [lambda stop: self._geotag(health, stop), self._probe_of_database(health)]
            case "store":
                upkeep = Upkeep(self._backends.database, keep_days=self._config.keep_days, health=health, now=now)
                storing = self._stage(role, store, store.Store(self._backends.database, now=now), health)
                return [storing, upkeep.run, self._probe_of_database(health)]
            case "notify":
                return [lambda stop: self._notify(health, stop)]
            case _:  # web: its server runs in every process
                onlooker = Onlooker(self._backends.bus, reads_beside(self._order.roles), prefix=self._config.prefix)
                return [self._probe_of_database(health), onlooker.run]

    def _probe_of_database(self, health: Health) -> Run:
        return Probe(self._backends.database.check, dependency="database", health=health).run

    def _probe_of_state(self, health: Health) -> Run:
        return Probe(self._backends.state.check, dependency="state", health=health).run

    def _stage(self, role: str, module: Any, stage: Any, health: Health) -> Run:
        step: pipeline.Step[Any] = pipeline.Step(
            role=role, prefix=self._config.prefix, reads=module.READS, accepts=module.ACCEPTS, stall=self._config.stall
        )
        return lambda stop: pipeline.run(step, stage, self._backends.bus, health=health, stop=stop)

    async def _subscribe(self, health: Health) -> None:
        """Make the feeds given by flag and by file those of the database, before anything is polled."""
        feeds = self._backends.database.feeds
        wanted = subscriptions(from_flags(self._order.feeds), origin="flag", now=now())
        await patiently(lambda: feeds.sync(wanted, origin="flag"), health=health)
        if self._feeds_file is not None:
            await self._feeds_file.load()
        if self._order.until_idle:
            for feed in await feeds.list():
                await self._backends.database.due.hurry(FEED, feed.url, now=now())

    def _feeds(self, health: Health) -> Sequence[Run]:
        backends = self._backends
        poller = Poller(
            PollerParts(
                bus=backends.bus,
                database=backends.database,
                manners=backends.manners,
                workers=self._workers,
                prefix=self._config.prefix,
                now=now,
                bounds=Bounds(floor=self._config.poll_floor, ceiling=self._config.poll_ceiling),
            )
        )
        polling = Dispatcher(
            Duty(
                kind=FEED,
                work=poller,
                give_up=poller.give_up,
                concurrency=self._config.pollers,
                per_host=PER_HOST,
                limit=POLL_LIMIT,
                lease=self._config.lease,
            ),
            backends.database.due,
            health=health,
        )
        runs = [polling.run, Freshness(backends.database, health=health, now=now).run]
        if self._config.feeds_file is not None:
            self._feeds_file = FeedsFile(
                self._config.feeds_file, backends.database, health=health, now=now, nudge=polling.nudge
            )
            runs.append(self._feeds_file.run)
        return runs

    async def _geotag(self, health: Health, stop: Stop) -> None:
        """The stage, once the gazetteer is there: where no image carries it, compiled while feeds poll already."""
        places = PlacesFile(self._config.places_file, health=health)
        await places.load()
        path = await stop.unless(gazetteer_file.ready(self._config.home, health=health))
        if path is None:
            return
        with Gazetteer(path) as gazetteer:
            stage = geotag.Geotag(
                gazetteer, focus_of=self._backends.database.items.regions_of, now=now, overlay=places.in_force
            )
            async with asyncio.TaskGroup() as tasks:
                for run in (places.run, self._stage("geotag", geotag, stage, health)):
                    tasks.create_task(as_coroutine(run, stop))

    async def _notify(self, health: Health, stop: Stop) -> None:
        backends = self._backends
        rules = RulesFile(self._config.rules_file, backends.database, health=health, environ=os.environ)
        await rules.load()
        sender = Sender(
            SenderParts(alerts=backends.database.alerts, door=backends.door, in_force=rules.in_force, now=now)
        )
        sending = Dispatcher(
            Duty(
                kind=WEBHOOK,
                work=sender,
                give_up=sender.give_up,
                concurrency=SENDERS,
                per_host=PER_ENDPOINT,
                limit=SENDER_LIMIT,
                lease=self._config.lease,
                most_run_outs=None,
            ),
            backends.database.due,
            health=health,
        )
        stage = notify.Notify(
            backends.database, in_force=rules.in_force, max_age=self._config.alert_max_age, nudge=sending.nudge, now=now
        )
        async with asyncio.TaskGroup() as tasks:
            for run in (rules.run, sending.run, self._stage("notify", notify, stage, health)):
                tasks.create_task(as_coroutine(run, stop))

    def _pages(self, health: Health) -> Sequence[Run]:
        backends = self._backends
        deps = Deps(
            bus=backends.bus,
            database=backends.database,
            manners=backends.manners,
            workers=self._workers,
            prefix=self._config.prefix,
            now=now,
            pace=self._order.pace,
        )
        fetcher, reader = Fetcher(deps), CommentReader(deps)
        pages, threads, comments = (
            Dispatcher(
                Duty(
                    kind=kind,
                    work=worker,
                    give_up=worker.give_up,
                    concurrency=self._config.fetchers,
                    per_host=PER_HOST,
                    limit=PAGE_LIMIT,
                    lease=self._config.lease,
                ),
                backends.database.due,
                health=health,
            )
            for kind, worker in ((PAGE, fetcher), (THREAD, fetcher), (COMMENTS, reader))
        )
        taking = intake.Intake(backends.database.pages, nudge=pages.nudge, now=now)
        return [self._stage("pages", intake, taking, health), pages.run, threads.run, comments.run]

    def _flow(self) -> Flow:
        prefix = self._config.prefix
        stretches = [
            Stretch(
                group=f"{prefix}.{role}",
                topics=[f"{prefix}.{topic}" for topic in topics],
                kinds=KINDS.get(role, ()),
            )
            for role, topics in READS.items()
            if role in self._order.roles
        ]
        return Flow(
            bus=self._backends.bus,
            database=self._backends.database,
            stretches=stretches,
            prefix=prefix,
            health=Health("idle"),
            started=self._started,
            now=now,
        )


def _is_loopback(host: str) -> bool:
    return host == "localhost" or host.startswith("127.") or host == "::1"
