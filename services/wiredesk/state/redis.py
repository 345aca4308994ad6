"""Working state in Redis or Valkey, shared by all replicas."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from importlib.resources import files
from typing import Self, TypeVar, cast

from redis import exceptions
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff

from wiredesk.errors import Misconfigured, Unavailable
from wiredesk.state import NO_FILES
from wiredesk.state.seen_redis import SCRIPT, Argument, RedisSeen, Script
from wiredesk.tls import TlsFiles, fault_of

R = TypeVar("R")

HOSTS_SCRIPT = files("wiredesk.state").joinpath("hosts.lua").read_text("utf-8")

CONNECTIONS = 16
SOCKET_PATIENCE = timedelta(seconds=5)
LIMIT = timedelta(seconds=15)
"""Timeout of a call, with connecting, one more try, and the wait for a connection."""

MUCH = 0.85
"""The share of its `maxmemory` above which the server is reported as nearly full."""

_SICK = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.OutOfMemoryError,
    exceptions.ReadOnlyError,
    exceptions.ClusterDownError,
    exceptions.TryAgainError,
    exceptions.NoPermissionError,
    OSError,
    TimeoutError,
)
CERTIFICATES = "expected WIREDESK_STATE_CERT_FILE and WIREDESK_STATE_KEY_FILE"
_SICK_CODES = ("OOM", "MISCONF", "BUSY", "NOREPLICAS", "LOADING", "READONLY", "MASTERDOWN", "UNKILLABLE", "DB index")
"""Errors about the server, not our command, that have no exception class or lose it inside a script."""


class Client:
    """A few connections to the server; scripts are sent again where it has forgotten them."""

    def __init__(self, url: str, tls: TlsFiles) -> None:
        # Idle connections that a firewall dropped are noticed; a socket file needs no such thing, and refuses it.
        keepalive = {} if url.startswith("unix:") else {"socket_keepalive": True}
        try:
            self._pool = BlockingConnectionPool.from_url(
                url,
                max_connections=CONNECTIONS,
                timeout=SOCKET_PATIENCE.total_seconds(),
                protocol=2,
                socket_timeout=SOCKET_PATIENCE.total_seconds(),
                client_name="wiredesk",
                socket_connect_timeout=SOCKET_PATIENCE.total_seconds(),
                health_check_interval=30,
                **keepalive,
                **_tls_options(url, tls),
                # One more try, for a connection that idled away. All our scripts may run twice.
                retry=Retry(ConstantBackoff(0.05), 1),
            )
        except ValueError as error:
            # Its text may quote a piece of the password that was taken for a port.
            raise Misconfigured(
                "WIREDESK_STATE_URL: port, database or options cannot be read, expected redis://USER:PASSWORD@HOST:PORT/0 "
                "with special characters of a password percent-encoded"
            ) from error
        self._redis = Redis.from_pool(self._pool)
        facts = self._pool.connection_kwargs
        self._is_tls = url.startswith("rediss:")
        self._place = facts.get("path") or f"{facts.get('host', 'localhost')}:{facts.get('port', 6379)}"

    async def close(self) -> None:
        """Disconnect."""
        await self._redis.aclose()

    def script(self, text: str) -> Script:
        """Run the script by its digest; a server that does not know the digest gets the script."""
        ready = self._redis.register_script(text)

        async def run(keys: Sequence[str], args: Sequence[Argument]) -> object:
            return await self.answer(lambda _: ready(keys=list(keys), args=list(args)))

        return run

    async def answer(self, ask: Callable[[Redis], Awaitable[R]]) -> R:
        """The server's answer. Raises `Unavailable` where none comes, or where it says that it cannot serve."""
        try:
            async with asyncio.timeout(LIMIT.total_seconds()):
                return await ask(self._redis)
        except _SICK as error:
            raise self._unavailable(error) from error
        except exceptions.ResponseError as error:
            if not str(error).startswith(_SICK_CODES):
                raise
            raise self._unavailable(error) from error

    def _unavailable(self, error: Exception) -> Unavailable:
        advice = _advice_of(error, is_tls=self._is_tls)
        why = f"{error or 'no answer in time'}{advice and f': {advice}'}"
        return Unavailable(f"state {self._place}: {why}", dependency="state")


class RedisHosts:
    """Budgets of hosts by the server's clock."""

    def __init__(self, script: Script, *, prefix: str) -> None:
        self._script, self._prefix = script, prefix

    async def take(self, host: str, *, gap: timedelta, patience: timedelta) -> timedelta:
        """See `HostBudgets`."""
        (wait,) = await self._ask([host], "take", gap, patience)
        return wait

    async def pause(self, host: str, *, wait: timedelta) -> None:
        """See `HostBudgets`."""
        await self._ask([host], "pause", wait)

    async def waits(self, hosts: Sequence[str]) -> Mapping[str, timedelta]:
        """See `HostBudgets`."""
        return dict(zip(hosts, await self._ask(hosts, "waits"), strict=True)) if hosts else {}

    async def _ask(self, hosts: Sequence[str], what: str, *durations: timedelta) -> list[timedelta]:
        keys = [self._prefix + host for host in hosts]
        waits = await self._script(keys, [what, *(each // timedelta(microseconds=1) for each in durations)])
        return [timedelta(microseconds=wait) for wait in cast(list[int], waits)]


class RedisState:
    """The state in the Redis at `url`, under keys that begin with `prefix` and a colon; `tls` are files for `rediss://`."""

    def __init__(self, url: str, *, prefix: str, tls: TlsFiles = NO_FILES) -> None:
        self._client = Client(url, tls)
        # In braces what a cluster places keys by: those of one script must lie together.
        self.hosts = RedisHosts(self._client.script(HOSTS_SCRIPT), prefix=f"{prefix}:{{hosts}}:")
        self.seen = RedisSeen(self._client.script(SCRIPT), prefix=f"{prefix}:{{seen}}:")

    async def __aenter__(self) -> Self:
        try:
            await self.check()
        except BaseException:
            await self._client.close()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._client.close()

    async def check(self) -> None:
        """See `State`."""
        await self._client.answer(lambda redis: redis.ping())

    async def warnings(self) -> Sequence[str]:
        """See `State`. Asks INFO, as hosted servers often refuse CONFIG."""
        memory = await self._client.answer(lambda redis: redis.info("memory"))
        persistence = await self._client.answer(lambda redis: redis.info("persistence"))
        return warnings_of({**memory, **persistence})


def _tls_options(url: str, tls: TlsFiles) -> dict[str, str]:
    """The client's names of the files, tried here: it would say of each connection anew that one cannot be read."""
    if not tls.settings:
        return {}
    if not url.startswith("rediss:"):
        raise Misconfigured(f"{tls.settings} is set, but WIREDESK_STATE_URL speaks no TLS: expected rediss://…")
    tls.context()
    files = {"ssl_ca_certs": tls.ca_file, "ssl_certfile": tls.cert_file, "ssl_keyfile": tls.key_file}
    return {name: str(path) for name, path in files.items() if path}


def _advice_of(error: Exception, *, is_tls: bool) -> str:
    """The setting that matters where the server does not let us in; empty where `error` may be anything else."""
    if isinstance(error, exceptions.AuthenticationError | exceptions.NoPermissionError):
        return (
            "expected user and password in WIREDESK_STATE_URL, redis://USER:PASSWORD@HOST:PORT/0, that may do all here"
        )
    if said := fault_of(error, name="WIREDESK_STATE"):
        return said
    text = str(error)
    if is_tls and text.startswith("Timeout connecting"):
        return "expected a port that speaks TLS, as WIREDESK_STATE_URL says"
    # In TLS 1.3 a server judges our certificate after the handshake; its reset may overtake the alert that says so.
    is_cut = text.startswith(("Error while reading", "Connection closed"))
    if is_tls and is_cut:
        return f"{CERTIFICATES} where it asks for a certificate of ours"
    return "expected rediss:// in WIREDESK_STATE_URL where its port speaks TLS" if is_cut else ""


def warnings_of(info: Mapping[str, object]) -> list[str]:
    """The unwise settings of a server that reports `info` about itself, a sentence each."""
    warnings = []
    policy = str(info.get("maxmemory_policy", "noeviction"))
    used, most = (int(str(info.get(name, 0))) for name in ("used_memory", "maxmemory"))
    if policy != "noeviction":
        warnings.append(f"maxmemory-policy is {policy}, expected noeviction: a full server forgets who was first")
    if most and used > MUCH * most:
        warnings.append(f"{used / most:.0%} of maxmemory is used: when it is full, dedupe and polling stop")
    if not info.get("aof_enabled", 0):
        warnings.append(
            "appendonly is off: a restart forgets who was first, and the last two weeks may be judged new again"
        )
    return warnings
