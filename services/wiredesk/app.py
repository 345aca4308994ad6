"""Builds every role from the settings and runs them: the only module that names all concrete classes."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio

from wiredesk import pipeline
from wiredesk.backends import Backends, open_backends
from wiredesk.config import Config
from wiredesk.database.due import Job
from wiredesk.dispatch import Dispatcher, Duty
from wiredesk.errors import Misconfigured, WiredeskError
from wiredesk.events import digest
from wiredesk.idle import Flow, Stretch
from wiredesk.observe import Health, log
from wiredesk.roles.dedupe import stage as dedupe
from wiredesk.roles.geotag import stage as geotag
from wiredesk.roles.notify import stage as notify
from wiredesk.roles.pages import intake
from wiredesk.roles.pages.stage import Fetcher, Parts
from wiredesk.roles.pages.task import PAGE, THREAD
from wiredesk.roles.reads import READS
from wiredesk.roles.store import stage as store
from wiredesk.roles.store.upkeep import Upkeep
from wiredesk.roles.web import server
from wiredesk.roles.web.probe import Probe
from wiredesk.stop import Stop
from wiredesk.workers import Workers

_log = log(__name__)

ROLES = ("feeds", "pages", "dedupe", "geotag", "store", "notify", "web")
"""Every role, in the order of the flow."""

Run = Callable[[Stop], Awaitable[None]]

PAGE_LEASE = timedelta(minutes=3)
POLL_LEASE = timedelta(minutes=3)
PER_HOST = 2
"""Requests to one host at once, across all replicas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to run: roles, feeds given by flag, whether to end when idle."""

    roles: Sequence[str] = ROLES
    feeds: Sequence[str] = ()
    until_idle: bool = False
    on_listening: Callable[[int], None] = lambda port: None


def now() -> datetime:
    """The clock of the roles."""
    return datetime.now(UTC)


async def run(config: Config, order: Order) -> Sequence[Job]:
    """Run the roles until SIGTERM, SIGINT or, where asked for, until nothing is left to do.

    Returns the due rows that wait longer when it ended idle. Raises `WiredeskError`, one line for the operator.
    """
    unknown = [role for role in order.roles if role not in ROLES]
    if unknown:
        raise Misconfigured(f"unknown role {unknown[0]!r}: expected one of {', '.join(ROLES)}")
    stop = Stop()
    async with open_backends(config, client="-".join(order.roles) if len(order.roles) == 1 else "wiredesk") as backends:
        return await _Desk(config, order, backends, stop).run()


class _Desk:
    def __init__(self, config: Config, order: Order, backends: Backends, stop: Stop) -> None:
        self._config, self._order, self._backends, self._stop = config, order, backends, stop
        self._workers = Workers(config.workers)
        self._started = now()

    async def run(self) -> Sequence[Job]:
        healths = {role: Health(role) for role in self._order.roles}
        runs = [run for role in self._order.roles for run in self._runs(role, healths[role])]
        host, port = self._config.listen_address
        waiting: Sequence[Job] = ()
        async with server.listening(self._http(list(healths.values())), host=host, port=port) as actual:
            _log.info("app.started", roles=list(self._order.roles), listen=f"{host}:{actual}")
            self._order.on_listening(actual)
            with anyio.CancelScope() as scope, _signals(self._stop, scope, budget=self._config.shutdown):
                try:
                    async with asyncio.TaskGroup() as tasks:
                        for run in runs:
                            tasks.create_task(_coroutine(run, self._stop))
                        if self._order.until_idle:
                            waiting = await self._flow().until_idle()
                            self._stop.ask()
                except BaseExceptionGroup as group:
                    raise _first_meaningful(group) from group
        _log.info("app.stopped", roles=list(self._order.roles), in_time=not scope.cancelled_caught)
        return waiting

    def _http(self, healths: Sequence[Health]) -> Any:
        token = self._config.token.get_secret_value()
        is_web = "web" in self._order.roles
        if is_web and not token and not _is_loopback(self._config.listen_address[0]):
            raise Misconfigured(f"WIREDESK_TOKEN is needed where WIREDESK_LISTEN={self._config.listen} is not loopback")
        return server.build(
            healths=healths, database=self._backends.database if is_web else None, token=token,
            secret=token or digest(self._config.url("database"), self._config.prefix),
        )  # fmt: skip

    def _runs(self, role: str, health: Health) -> Sequence[Run]:
        match role:
            case "feeds":
                return self._feeds(health)
            case "pages":
                return self._pages(health)
            case "dedupe":
                return [self._stage(role, dedupe, dedupe.Dedupe(now=now), health)]
            case "geotag":
                return [self._stage(role, geotag, geotag.Geotag(now=now), health)]
            case "store":
                upkeep = Upkeep(self._backends.database, keep_days=self._config.keep_days, health=health, now=now)
                return [self._stage(role, store, store.Store(self._backends.database, now=now), health), upkeep.run]
            case "notify":
                return [self._stage(role, notify, notify.Notify(), health)]
            case _:  # web: its server runs in every process
                return [Probe(self._backends.database, health=health).run]

    def _stage(self, role: str, module: Any, stage: Any, health: Health) -> Run:
        step: pipeline.Step[Any] = pipeline.Step(
            role=role, prefix=self._config.prefix, reads=module.READS, accepts=module.ACCEPTS, stall=self._config.stall
        )
        return lambda stop: pipeline.run(step, stage, self._backends.bus, health=health, stop=stop)

    def _pages(self, health: Health) -> Sequence[Run]:
        backends = self._backends
        fetcher = Fetcher(
            Parts(
                bus=backends.bus, database=backends.database, manners=backends.manners, workers=self._workers,
                prefix=self._config.prefix, now=now,
            )
        )  # fmt: skip
        first, again = (
            Dispatcher(
                Duty(
                    kind=kind, work=fetcher, give_up=fetcher.give_up, concurrency=self._config.fetchers,
                    per_host=PER_HOST, lease=PAGE_LEASE,
                ),
                backends.database.due, health=health,
            )
            for kind in (PAGE, THREAD)
        )  # fmt: skip
        taking = intake.Intake(backends.database.due, nudge=first.nudge, now=now)
        return [self._stage("pages", intake, taking, health), first.run, again.run]

    def _flow(self) -> Flow:
        prefix = self._config.prefix
        stretches = [
            Stretch(
                group=f"{prefix}.{role}", topics=[f"{prefix}.{topic}" for topic in topics],
                kinds=(PAGE,) if role == "pages" else (),
            )
            for role, topics in READS.items() if role in self._order.roles
        ]  # fmt: skip
        return Flow(
            bus=self._backends.bus, database=self._backends.database, stretches=stretches, started=self._started, now=now
        )


async def _coroutine(run: Run, stop: Stop) -> None:
    await run(stop)


@contextmanager
def _signals(stop: Stop, scope: anyio.CancelScope, *, budget: timedelta) -> Iterator[None]:
    """SIGTERM and SIGINT end the roles with manners within `budget`; a second one at once."""
    loop = asyncio.get_running_loop()

    def end() -> None:
        if stop.asked:
            scope.cancel()
        stop.ask()
        scope.deadline = min(scope.deadline, anyio.current_time() + budget.total_seconds())

    numbers = (signal.SIGTERM, signal.SIGINT)
    for number in numbers:
        loop.add_signal_handler(number, end)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


def _first_meaningful(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error to tell the operator: one of ours where there is one, else the first."""
    flat: list[BaseException] = []
    pending: list[BaseException] = [group]
    while pending:
        error = pending.pop(0)
        if isinstance(error, BaseExceptionGroup):
            pending.extend(error.exceptions)
        else:
            flat.append(error)
    return next((error for error in flat if isinstance(error, WiredeskError)), flat[0])


def _is_loopback(host: str) -> bool:
    return host == "localhost" or host.startswith("127.") or host == "::1"
