"""Connections: how many there may be, how long each may take, and which one makes room for a newcomer.

A connection either waits for a request or is being answered. Where there are too many, the one that has waited longest
is cut for the newcomer, as servers do with idle connections; where none waits, a few spare connections are left for
probes, so that a supervisor is answered whatever clients do.
"""

from __future__ import annotations

import asyncio
import resource
import socket
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, cast

from aiohttp import web

from wiredesk.roles.web.peers import Peers, named
from wiredesk.roles.web.refusals import Refusals

SEND_BUFFER_BYTES: Final = 128 * 1024
"""Of the kernel, for each connection: it counts to the container's memory, and would grow to megabytes by itself."""

TOO_MANY: Final = "too many connections"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """How many connections, and how long each may take.

    `headers` runs from the first byte of a request, or from connecting, to the end of its headers; `idle` is between
    requests; `write` is how long a reader may take less than `progress_bytes` of what waits for it. `spare` connections
    above the others are for probes alone. Trusted proxies are not held to `by_peer`.
    """

    total: int = 2_500
    by_peer: int = 512
    spare: int = 16
    headers: timedelta = timedelta(seconds=10)
    header_bytes: int = 48 * 1024
    idle: timedelta = timedelta(seconds=75)  # longer than proxies keep theirs: nginx 60 s
    write: timedelta = timedelta(seconds=15)
    progress_bytes: int = 16 * 1024
    swept_every: timedelta = timedelta(seconds=1)

    @classmethod
    def of_process(cls) -> ConnectionLimits:
        """Those that suit the files that this process may open."""
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return cls() if files == resource.RLIM_INFINITY else cls.for_files(files)

    @classmethod
    def for_files(cls, files: int) -> ConnectionLimits:
        """At most half of so many open files: the rest is for databases, brokers and pages."""
        usual = cls()
        total = min(usual.total, max(16, files // 2))
        return cls(total=total, by_peer=min(usual.by_peer, total // 2))


class Connection(asyncio.Protocol):
    """One connection, between its transport and the server's own protocol, which knows nothing of this."""

    def __init__(self, inner: asyncio.Protocol, connections: Connections) -> None:
        self.inner, self.peer, self.address = inner, "", ""
        self.is_spare = self.is_answered = False
        self._connections = connections
        self._transport: asyncio.Transport | None = None
        self._is_admitted = self._has_asked = False
        self._waits_since, self._begun_bytes = 0.0, 0
        self._stalled_since: float | None = None
        self._unread_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let it in, or cut it before the server hears of it."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self.address = str((self._transport.get_extra_info("peername") or ("",))[0])
        self.peer, self._waits_since = named(self.address), _now()
        self._is_admitted = self._connections.admits(self)
        if self._is_admitted:
            self.inner.connection_made(transport)
        else:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """The first bytes of a request start the time for its headers."""
        if not self._is_admitted:
            return
        if not self.is_answered:
            if not self._begun_bytes:
                self._waits_since = _now()
            self._begun_bytes += len(data)
        self.inner.data_received(data)

    def eof_received(self) -> bool | None:
        """As the server wants it."""
        return self.inner.eof_received() if self._is_admitted else None

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        if self._is_admitted:
            self._connections.forget(self)
            self.inner.connection_lost(exc)

    def pause_writing(self) -> None:
        """The reader is behind: from now on it has to show progress."""
        assert self._transport is not None
        self._stalled_since, self._unread_bytes = _now(), self._transport.get_write_buffer_size()
        self.inner.pause_writing()

    def resume_writing(self) -> None:
        """The reader has taken most of it."""
        self._stalled_since = None
        self.inner.resume_writing()

    def asked(self) -> None:
        """A request has come whole, but for its body."""
        self.is_answered = self._has_asked = True

    def answered(self) -> None:
        """It waits for the next request."""
        self.is_answered, self._begun_bytes, self._waits_since = False, 0, _now()

    def overstepped(self, limits: ConnectionLimits, *, now: float) -> str:
        """The limit that it does not keep to, in a word or two; empty where it keeps to all."""
        if self._stalled_since is not None and self._is_stuck(limits, now=now):
            return "slow reader"
        if self.is_answered:
            return ""
        if self._begun_bytes > limits.header_bytes:
            return "long headers"
        is_asking = self._begun_bytes > 0 or not self._has_asked
        limit = limits.headers if is_asking else limits.idle
        if now - self._waits_since <= limit.total_seconds():
            return ""
        return "slow headers" if is_asking else "idle"

    def _is_stuck(self, limits: ConnectionLimits, *, now: float) -> bool:
        assert self._transport is not None
        assert self._stalled_since is not None
        unread = self._transport.get_write_buffer_size()
        if self._unread_bytes - unread >= limits.progress_bytes:
            self._stalled_since, self._unread_bytes = now, unread
        return now - self._stalled_since > limits.write.total_seconds()

    def cut(self) -> None:
        """End it at once; what waits to be written is dropped."""
        if self._transport is not None:
            self._transport.abort()


@dataclass(slots=True)
class _Crowd:
    """Connections that count together: all of them, and those that wait for a request, the longest first."""

    every: set[Connection] = field(default_factory=set)
    waiting: OrderedDict[Connection, None] = field(default_factory=OrderedDict)


class Connections:
    """All connections of a listener."""

    def __init__(self, limits: ConnectionLimits, *, peers: Peers, refusals: Refusals) -> None:
        self.limits = limits
        self.refusals = refusals
        self._peers = peers
        self._all = _Crowd()
        self._of_peer: dict[str, _Crowd] = {}
        self._spare = 0
        self._by_protocol: dict[object, Connection] = {}
        self._came = asyncio.Event()

    def __len__(self) -> int:
        return len(self._all.every)

    def admits(self, newcomer: Connection) -> bool:
        """Whether `newcomer` may stay; another may have been cut for it."""
        crowd = self._of_peer.get(newcomer.peer, _Crowd())
        is_held = not self._peers.is_trusted(newcomer.address) and len(crowd.every) >= self.limits.by_peer
        if is_held or len(self) >= self.limits.total:
            self.refusals.note(TOO_MANY, peer=newcomer.peer)
            longest = next(iter((crowd if is_held else self._all).waiting), None)
            if longest is not None:
                newcomer.is_spare = longest.is_spare
                self.forget(longest)
                longest.cut()
            elif self._spare < self.limits.spare:
                newcomer.is_spare = True
            else:
                return False
        self._add(newcomer)
        return True

    def forget(self, connection: Connection) -> None:
        """It is over, or as good as over."""
        crowd = self._of_peer.get(connection.peer)
        if crowd is None or connection not in crowd.every:
            return
        for known in (crowd, self._all):
            known.every.discard(connection)
            known.waiting.pop(connection, None)
        if not crowd.every:
            del self._of_peer[connection.peer]
        self._spare -= connection.is_spare
        del self._by_protocol[connection.inner]

    @contextmanager
    def answering(self, request: web.Request) -> Iterator[Connection | None]:
        """Within, the connection of `request` is being answered, and is cut for nobody; None where it is gone."""
        connection = self._by_protocol.get(request.protocol)
        if connection is None:
            yield None
            return
        crowds = self._all, self._of_peer[connection.peer]
        connection.asked()
        for crowd in crowds:
            crowd.waiting.pop(connection, None)
        try:
            yield connection
        finally:
            connection.answered()
            if self._by_protocol.get(connection.inner) is connection:
                for crowd in crowds:
                    crowd.waiting[connection] = None

    def sweep(self, *, now: float) -> None:
        """Cut those that do not keep to a limit."""
        for connection in list(self._all.every):
            if reason := connection.overstepped(self.limits, now=now):
                if reason != "idle":
                    self.refusals.note(reason, peer=connection.peer)
                self.forget(connection)
                connection.cut()

    async def watch(self) -> None:
        """Sweep until cancelled, while there are connections."""
        while True:
            await self._came.wait()
            await asyncio.sleep(self.limits.swept_every.total_seconds())
            self.sweep(now=_now())
            if not len(self):
                self._came.clear()

    def _add(self, connection: Connection) -> None:
        for crowd in (self._all, self._of_peer.setdefault(connection.peer, _Crowd())):
            crowd.every.add(connection)
            crowd.waiting[connection] = None
        self._spare += connection.is_spare
        self._by_protocol[connection.inner] = connection
        self._came.set()


def _now() -> float:
    return asyncio.get_running_loop().time()
