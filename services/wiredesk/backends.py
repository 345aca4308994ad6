"""Bus, state, database and the outbound door, opened as the settings say.

Each is imported where it is opened: a command that only reads the database does not wait for an HTTP client.
"""

from __future__ import annotations

import asyncio
import os
import stat
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from wiredesk.bus import Bus, TopicSpec
from wiredesk.bus.kafka_options import KafkaOptions
from wiredesk.bus.open import open_bus
from wiredesk.config import Config
from wiredesk.errors import Misconfigured
from wiredesk.events.topics import TOPICS

if TYPE_CHECKING:
    from wiredesk.database import Database, Opening
    from wiredesk.outbound.door import Door
    from wiredesk.outbound.politeness import PoliteClient
    from wiredesk.startup import Startup
    from wiredesk.state import State
    from wiredesk.stop import Stop
    from wiredesk.workers import Workers

TOPICS_PATIENCE = timedelta(seconds=5)
"""How long to wait for new topics: brokers learn of one some time after it was created, and not all at once."""


FOLDER_MODE, FILE_MODE = 0o700, 0o600
"""For whoever runs wiredesk alone: comments of readers and passwords of endpoints stand in these files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backends:
    """Everything that roles share, open; `workers` are processes for untrusted work, as many as the settings say."""

    bus: Bus
    state: State
    database: Database
    web_client: PoliteClient
    door: Door
    workers: Workers


def bus_of(config: Config, *, client: str) -> Bus:
    """The log, not yet connected; `client` names the role or command to the brokers."""
    url = config.url("bus")
    options = KafkaOptions(
        security=config.kafka_security,
        tls=config.tls_files("kafka"),
        sasl_mechanism=config.kafka_sasl_mechanism,
        username=config.kafka_username,
        password=config.kafka_password.get_secret_value(),
        session=config.kafka_session,
    )
    make_home(config)
    return open_bus(url, options=options, client=client, instance=config.instance)


def database_of(
    config: Config,
    *,
    opening: Opening = "expect",
    on_migrating: Callable[[Sequence[str]], None] = lambda migrations: None,
) -> Database:
    """The records, not yet connected; commands leave the schema as it is, unless `opening` says otherwise.

    `on_migrating` hears of migrations before they are carried out.
    """
    from wiredesk.database import open_database

    make_home(config)
    return open_database(
        config.url("database"),
        schema=config.prefix,
        opening=opening,
        tls=config.tls_files("database"),
        on_migrating=on_migrating,
    )


def state_of(config: Config) -> State:
    """The shared state, not yet connected."""
    from wiredesk.state.open import open_state

    make_home(config)
    return open_state(config.url("state"), prefix=config.prefix, tls=config.tls_files("state"))


def door_of(config: Config) -> Door:
    """The one way out to the web."""
    from wiredesk.outbound.door import Door
    from wiredesk.outbound.proxy import proxy_of

    return Door(
        allow=config.outbound_allow,
        ports=config.outbound_ports,
        proxy=proxy_of(config.outbound_proxy.get_secret_value(), resolve=config.outbound_resolve),
        user_agent=config.user_agent,
        contact=config.contact,
    )


def topics_of(config: Config) -> list[TopicSpec]:
    """The settings of every topic. With three brokers, acknowledged records survive the loss of one, and writing goes on."""
    in_sync = max(1, config.kafka_replication - 1)
    return [
        TopicSpec(
            name=f"{config.prefix}.{name}",
            partitions=config.kafka_partitions,
            replication=config.kafka_replication,
            retention=kept,
            settings={"min.insync.replicas": str(in_sync)},
        )
        for name, (kept, _, _) in TOPICS.items()
    ]


@asynccontextmanager
async def open_backends(
    config: Config, database: Database, *, client: str, stop: Stop, startup: Startup
) -> AsyncIterator[Backends]:
    """All of them, connected, `database` as well; once `stop` is asked for, nobody waits for a host's turn any more.

    Raises `Misconfigured`, and `Unavailable` where a server stays away for longer than `startup` has patience.
    """
    from wiredesk.container import memory_of_each
    from wiredesk.outbound.politeness import PoliteClient
    from wiredesk.workers import Workers

    stack = AsyncExitStack()
    try:
        bus = await startup.opened("bus", lambda: stack.enter_async_context(bus_of(config, client=client)))
        state = await startup.opened("state", lambda: stack.enter_async_context(state_of(config)))
        await startup.opened("database", lambda: stack.enter_async_context(database))
        await stack.enter_async_context(database.listening())
        door = await stack.enter_async_context(door_of(config))
        workers = Workers(config.workers, memory_bytes=memory_of_each(config.workers))
        web_client = PoliteClient(
            door, state.hosts, workers=workers, gap=config.host_gap, user_agent=config.user_agent, stop=stop
        )
        await startup.opened("topics", lambda: _ensure_topics(config, bus))
        yield Backends(bus=bus, state=state, database=database, web_client=web_client, door=door, workers=workers)
    finally:
        # Where a start is ended half way, its scope would cancel the closing as well, and leave what is open to chance.
        with anyio.CancelScope(shield=True):
            await stack.aclose()


def refuse_split(config: Config) -> None:
    """Raise `Misconfigured` where processes that share a Kafka log would each have state or records of their own."""
    if not config.url("bus").startswith("kafka:"):
        return
    for name in ("state", "database"):
        if config.url(name).startswith("sqlite:"):
            example = {"state": "redis://…", "database": "postgresql://…"}[name]
            raise Misconfigured(
                f"WIREDESK_BUS_URL is Kafka but WIREDESK_{name.upper()}_URL is a file of one machine: expected {example}"
            )


async def _ensure_topics(config: Config, bus: Bus) -> None:
    if config.url("bus").startswith("sqlite:"):
        await bus.apply(topics_of(config))
        return
    deadline = time.monotonic() + TOPICS_PATIENCE.total_seconds()
    while missing := [change.topic for change in await bus.plan(topics_of(config)) if change.what == "create"]:
        if time.monotonic() < deadline:
            await asyncio.sleep(0.5)
            continue
        raise Misconfigured(f"topic {missing[0]} is missing ({len(missing)} in all): run `wiredesk topics apply`")


def make_home(config: Config) -> None:
    """Make the folder of the embedded files where one is needed, for its owner alone. Raises `Misconfigured` where there can be none."""
    if not any(config.url(name).startswith("sqlite:") for name in ("bus", "state", "database")):
        return
    try:
        config.home.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        _keep_private(config)
    except OSError as error:
        # The system would say "File exists" of it.
        file = next((path for path in (config.home, *config.home.parents) if path.is_file()), None)
        why = f"{file} is a file" if file else f"{error.strerror}"
        raise Misconfigured(f"WIREDESK_HOME={config.home}: {why}, expected a folder that can be written") from error


def _keep_private(config: Config) -> None:
    """Take from others what an earlier version, or somebody's umask, gave them of what is ours and of nothing else.

    New files beside them are out of reach as the folder is; SQLite gives its -wal and -shm the mode of the file.
    """
    names = [f"{name}.sqlite{suffix}" for name in ("bus", "state", "database") for suffix in ("", "-wal", "-shm")]
    files = [path for name in names if (path := config.home / name).exists()]
    for path in files:
        _tighten(path, FILE_MODE)
    if files:  # a folder without any may be somebody's who only looks
        _tighten(config.home, FOLDER_MODE)


def _tighten(path: Path, mode: int) -> None:
    with suppress(FileNotFoundError):  # SQLite removes a -wal when the last one closes
        status = path.lstat()
        is_ours = status.st_uid == os.geteuid() and not stat.S_ISLNK(status.st_mode)
        # A folder with the sticky bit, such as /tmp, is everybody's on purpose.
        if is_ours and not status.st_mode & stat.S_ISVTX and stat.S_IMODE(status.st_mode) & ~mode:
            path.chmod(stat.S_IMODE(status.st_mode) & mode)
