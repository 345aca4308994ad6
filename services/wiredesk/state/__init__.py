"""Working state that replicas share: Redis in production, one SQLite file embedded.

Losing it costs repeated work, never a double alert or a lost item.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Protocol, Self

from wiredesk.state.seen import Seen
from wiredesk.tls import TlsFiles

NO_FILES = TlsFiles(name="WIREDESK_STATE")


class HostBudgets(Protocol):
    """When each host may be asked next, across all replicas. Times are those of the state's own clock."""

    async def take(self, host: str, *, gap: timedelta, patience: timedelta) -> timedelta:
        """Reserve the host's next slot and return how long to wait for it; slots are `gap` apart.

        Where that would be longer than `patience` nothing is reserved, and the wait is returned all the same:
        the caller compares, and comes back later.
        """
        ...

    async def pause(self, host: str, *, wait: timedelta) -> None:
        """Give no slot before `wait` has passed; never shortens a longer pause."""
        ...

    async def waits(self, hosts: Sequence[str]) -> Mapping[str, timedelta]:
        """How long each host is still paused or reserved; the call reserves nothing."""
        ...


class State(Protocol):
    """The shared state. An async context manager: entering connects, leaving disconnects."""

    @property
    def hosts(self) -> HostBudgets:
        """Budgets of the hosts that are asked."""
        ...

    @property
    def seen(self) -> Seen:
        """The memory of dedupe."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...

    async def check(self) -> None:
        """Raise `Unavailable` unless the state answers now."""
        ...

    async def warnings(self) -> Sequence[str]:
        """What an operator should change about the server's settings, a sentence each, the worst first."""
        ...
