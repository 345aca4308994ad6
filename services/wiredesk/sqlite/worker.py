"""One thread that owns a connection and works for a whole process.

Writes that wait share the next transaction, and so the next sync of the disk. What fails, fails its own caller: a write
that raises is taken out of the shared transaction by trying each one alone. Should the thread ever end by itself, all
who wait and all who come later are told why; nobody waits for a thread that is gone.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from wiredesk.errors import Unavailable
from wiredesk.sqlite.errors import DatabaseFile
from wiredesk.sqlite.transaction import snapshot, transaction

R = TypeVar("R")

PATIENCE = timedelta(seconds=30)
"""A caller's timeout: longer than the wait for another process's lock, so that the error names the cause."""

MAX_SHARED = 64
"""Writes in one transaction: bounds how long the others wait for the disk."""


class WorkerEnded(RuntimeError):
    """The thread is gone: by a bug, whose error is the cause, or because it was stopped."""


@dataclass(eq=False, slots=True, kw_only=True)
class _Call:
    act: Callable[[sqlite3.Connection], Any]
    is_write: bool
    result: Future[Any] = field(default_factory=Future)


class Worker:
    """Reads and writes in the order of the calls. The queue is bounded by its callers, who all wait for their call."""

    def __init__(
        self,
        file: DatabaseFile,
        open_connection: Callable[[], sqlite3.Connection],
        *,
        upkeep: Callable[[sqlite3.Connection], None] | None = None,
    ) -> None:
        """`open_connection` and, after each round of calls, `upkeep` run in the thread."""
        self._file, self._open, self._upkeep = file, open_connection, upkeep
        self._calls: deque[_Call] = deque()
        self._changed = threading.Condition()  # held to look at `_calls`, `_is_stopping` and `_end`
        self._is_stopping = False
        self._end: WorkerEnded | None = None
        self._thread = threading.Thread(target=self._run, name=f"{file.noun} worker", daemon=True)

    async def start(self) -> None:
        """Begin to work. Raises `Unavailable` or `Misconfigured` where the file cannot be opened."""
        self._thread.start()
        try:
            await self._submit(_Call(act=lambda connection: None, is_write=False))
        except WorkerEnded as end:
            error = end.__cause__
            with self._file.translating():
                raise (error if error is not None else end) from None

    async def stop(self) -> None:
        """Finish the queued calls, then end."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify()
        if self._thread.ident is not None:
            await asyncio.to_thread(self._thread.join, PATIENCE.total_seconds())

    async def read(self, act: Callable[[sqlite3.Connection], R]) -> R:
        """The result of `act` within one consistent view of the file."""
        return await self._submit(_Call(act=act, is_write=False))  # type: ignore[no-any-return]

    async def write(self, act: Callable[[sqlite3.Connection], R]) -> R:
        """The result of `act`, once it is on the disk. Raises `Unavailable`; nothing is written then.

        `act` may be called again on the same connection after a rollback: it must have no other effect.
        """
        return await self._submit(_Call(act=act, is_write=True))  # type: ignore[no-any-return]

    async def _submit(self, call: _Call) -> Any:
        with self._changed:
            if self._end is not None:
                raise self._end
            self._calls.append(call)
            self._changed.notify()
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                return await asyncio.wrap_future(call.result)
        except TimeoutError as error:
            message = f"{self._file}: no answer in {PATIENCE.total_seconds():.0f} s"
            raise Unavailable(message, dependency=self._file.dependency) from error

    def _run(self) -> None:
        cause: BaseException | None = None
        try:
            with closing(self._open()) as connection:
                while calls := self._next_calls():
                    self._serve(connection, calls)
                    self._keep_up(connection)
        except BaseException as error:  # noqa: BLE001 - it is told to everybody who waits
            cause = error
        self._tell_of_the_end(cause)

    def _tell_of_the_end(self, cause: BaseException | None) -> None:
        end = self._ended(cause)
        with self._changed:
            self._end = end
            calls, self._calls = self._calls, deque()
        for call in calls:
            if call.result.set_running_or_notify_cancel():
                call.result.set_exception(end)

    def _ended(self, cause: BaseException | None) -> WorkerEnded:
        why = "was stopped" if cause is None else f"ended by {cause!r}"
        end = WorkerEnded(f"{self._file}: its thread {why}")
        end.__cause__ = cause
        return end

    def _next_calls(self) -> list[_Call]:
        """The next call, a write with the writes behind it; nothing when it is time to end."""
        calls: list[_Call] = []
        with self._changed:
            while not calls:
                while not self._calls:
                    if self._is_stopping:
                        return []
                    self._changed.wait()
                self._take(calls)
        return calls

    def _take(self, calls: list[_Call]) -> None:
        """Move what goes together from the queue to `calls`; what was cancelled meanwhile goes to nobody."""
        while self._calls and len(calls) < MAX_SHARED:
            if calls and not (calls[0].is_write and self._calls[0].is_write):
                return
            call = self._calls.popleft()
            if call.result.set_running_or_notify_cancel():
                calls.append(call)

    def _serve(self, connection: sqlite3.Connection, calls: list[_Call]) -> None:
        around = transaction if calls[0].is_write else snapshot
        try:
            with around(connection):
                results = [call.act(connection) for call in calls]
        except Exception as error:  # noqa: BLE001 - handed on to who asked
            self._fail(connection, calls, error)
            return
        except BaseException as error:  # the thread ends by it
            for call in calls:
                call.result.set_exception(self._ended(error))
            raise
        for call, result in zip(calls, results, strict=True):
            call.result.set_result(result)

    def _fail(self, connection: sqlite3.Connection, calls: list[_Call], error: Exception) -> None:
        """A file that cannot serve fails all of `calls`; any other error only the one that raised it."""
        ours = self._file.translated(error) if isinstance(error, sqlite3.Error) else None
        if ours is None and len(calls) > 1:
            for call in calls:
                self._serve(connection, [call])
            return
        if ours is not None:
            ours.__cause__ = error
        for call in calls:
            call.result.set_exception(ours or error)

    def _keep_up(self, connection: sqlite3.Connection) -> None:
        if self._upkeep is None:
            return
        try:
            self._upkeep(connection)
        except sqlite3.Error as error:
            if self._file.translated(error) is None:
                raise  # a bug: whoever comes next is told
            # Else nobody waits for it: the next round will do.
