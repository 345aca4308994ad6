"""How a dispatcher waits for rows to lease: new rows wake it, and it rarely asks the database."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import datetime, timedelta

from wiredesk.database.changes import DUE
from wiredesk.database.due import DueQueue, Outlook
from wiredesk.observe import Health
from wiredesk.retry import patiently

LONGEST_NAP = timedelta(seconds=0.5)
"""Rows of another process are seen within this time; those of this process at once, by `nudge`."""

QUIET_NAP = timedelta(seconds=10)
"""The same where the database announces new rows: a bound in case an announcement is lost."""

CLOCK_LOOK = timedelta(seconds=2)
"""How often to look at the clock: where it was set ahead, rows are due before the nap is over."""

SHORTEST_NAP = timedelta(seconds=0.02)
"""Pause before asking again for rows that are due but were not leased: another process held their host just then."""


class Naps:
    """Waits for rows of one kind. It does not ask the database while nothing is due and new rows are announced."""

    def __init__(self, due: DueQueue, *, kind: str, per_host: int, now: Callable[[], datetime], health: Health) -> None:
        self._due, self._kind, self._per_host, self._now, self._health = due, kind, per_host, now, health
        self._stirred = asyncio.Event()  # nudged, or told that rows may have been put
        self._is_nudged = False
        self.is_quiet = False
        """Whether nothing is due, and new rows are announced."""

    def nudge(self) -> None:
        """End the nap under way, or the next one."""
        self._is_nudged = True
        self._stirred.set()

    def begin(self) -> None:
        """Forget nudges: the database is asked after this."""
        self._is_nudged = False

    def told_of_changes(self) -> AbstractContextManager[None]:
        """Within, naps end when the database tells that rows may have been put."""
        changes = self._due.changes
        return changes.told_to(self._stirred, of=DUE) if changes else nullcontext()

    async def until_leasable(self, is_clock_moved: Callable[[], bool]) -> None:
        """Return when nudged, when a row can be leased, or when the clock was moved."""
        while not self._is_nudged:
            self._stirred.clear()
            outlook = await patiently(self._outlook, health=self._health)
            now, due_at = self._now(), outlook.leasable_at
            if due_at is not None and due_at <= now:
                await self._rest(SHORTEST_NAP, is_clock_moved)
                return
            is_told = self._due.changes is not None
            # A row may be due at a host that is at its bound: of the end of work elsewhere nobody tells.
            self.is_quiet = is_told and (outlook.waiting_at is None or outlook.waiting_at > now)
            nap = QUIET_NAP if self.is_quiet else LONGEST_NAP
            is_over = await self._rest(nap if due_at is None else min(nap, due_at - now), is_clock_moved)
            self.is_quiet = False
            if is_over:
                return
            # Told of a change, which comes with every commit on SQLite: look, but not all the time.
            await self._rest(LONGEST_NAP, is_clock_moved, but_for_changes=False)

    async def _outlook(self) -> Outlook:
        return await self._due.outlook(self._kind, per_host=self._per_host)

    async def _rest(self, nap: timedelta, is_clock_moved: Callable[[], bool], *, but_for_changes: bool = True) -> bool:
        """Sleep for `nap`, until nudged or woken by a change; True when it is time to lease, False after a change."""
        end = time.monotonic() + nap.total_seconds()
        while not self._is_nudged and not is_clock_moved():
            left = end - time.monotonic()
            if left <= 0:
                return True
            if self._stirred.is_set():
                if but_for_changes:
                    return False
                self._stirred.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left, CLOCK_LOOK.total_seconds())):
                    await self._stirred.wait()
        return True
