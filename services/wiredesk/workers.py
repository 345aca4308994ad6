"""Heavy or untrusted work in processes that can be killed.

No thread can stop a parser that has gone quadratic; a process with limits can be. The work is a module-level
function; arguments and result travel pickled.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar, TypeVarTuple, Unpack

import anyio
import anyio.to_process

from wiredesk.errors import Overrun

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLimits:
    """What one call may use; what overruns is killed.

    CPU time stops a loop that spins, wall time one that waits, memory one that grows: address space beyond what
    the worker process had when the call began.
    """

    cpu: timedelta = timedelta(seconds=5)
    wall: timedelta = timedelta(seconds=30)
    memory_bytes: int = 512 * 1024 * 1024


class Workers:
    """At most `count` worker processes, started when first needed and reused."""

    def __init__(self, count: int) -> None:
        self._limiter = anyio.CapacityLimiter(count)

    async def run(self, function: Callable[[Unpack[Ts]], T], *args: *Ts, limits: WorkerLimits) -> T:
        """`function(*args)` in a worker process. Its exceptions are raised here, `MemoryError` as `Overrun`.

        Raises `Overrun` where it used more than `limits` or its process died; the next call gets a fresh one.
        """
        # The wall clock starts when a worker is free: waiting for one is no fault of the item.
        async with self._limiter:
            try:
                async with asyncio.timeout(limits.wall.total_seconds()):
                    return await anyio.to_process.run_sync(
                        _limited, limits, function, args, cancellable=True, limiter=anyio.CapacityLimiter(1)
                    )
            except TimeoutError as error:
                raise Overrun(f"{function.__name__} ran longer than {limits.wall.total_seconds():g} s") from error
            except MemoryError as error:
                raise Overrun(f"{function.__name__} wanted more than {limits.memory_bytes} bytes") from error
            except anyio.BrokenWorkerProcess as error:
                raise Overrun(
                    f"{function.__name__} was killed: more than {limits.cpu.total_seconds():g} s of CPU, or a crash"
                ) from error


def _limited(limits: WorkerLimits, function: Callable[[Unpack[Ts]], T], args: tuple[*Ts]) -> T:
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime + limits.cpu.total_seconds()) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, hard))
    _limit_memory(limits.memory_bytes)
    return function(*args)


def _limit_memory(allowed_bytes: int) -> None:
    # Only Linux tells how much address space is in use; elsewhere the CPU and wall limits stand alone.
    statm = Path("/proc/self/statm")
    if sys.platform == "linux" and statm.exists():
        in_use = int(statm.read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (in_use + allowed_bytes, hard))
