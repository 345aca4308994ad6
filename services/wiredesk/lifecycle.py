"""How a process ends: in good order after a signal, or with the error that an operator should see."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import anyio

from wiredesk.errors import WiredeskError, within
from wiredesk.observe import log
from wiredesk.stop import Stop

_log = log(__name__)


@contextmanager
def ended_by_signals(stop: Stop, *, budget: timedelta) -> Iterator[None]:
    """SIGTERM and SIGINT ask `stop`; what still works after `budget` is cancelled, and by a second signal at once.

    Of the errors of a task group the one worth telling is raised.
    """
    loop = asyncio.get_running_loop()
    with anyio.CancelScope() as scope:

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
        except BaseExceptionGroup as group:
            raise first_meaningful(group) from group
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)
    if scope.cancelled_caught:
        _log.warning("lifecycle.cut_short", seconds=budget.total_seconds())


def first_meaningful(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error to show the operator: the first of ours where there is one, else the first."""
    flat = list(within(group))
    return next((error for error in flat if isinstance(error, WiredeskError)), flat[0])
