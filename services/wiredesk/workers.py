"""Heavy or untrusted work in processes that can be killed.

No thread can stop a parser that has gone quadratic; a process with limits can be. The work is a module-level
function; arguments and result travel pickled. What the work raises is made into words within the process: errors of
libraries may not survive the way, or take what they hold along with them.
"""

from __future__ import annotations

import asyncio
import errno
import os
import pickle
import resource
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal, TypeVar, TypeVarTuple, Unpack, cast

import anyio
import anyio.to_process

from wiredesk.errors import Malformed, Overrun
from wiredesk.text.invisible import without_controls

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

MOST_AT_ONCE_BYTES = 256 * 1024
"""A larger result is read in a thread: some 25 ms on the event loop, measured of half a megabyte of small objects."""

MAX_ERROR_CHARACTERS = 2_000
MAX_TRACEBACK_CHARACTERS = 20_000
LXML_OUT_OF_MEMORY = 2
"""XML_ERR_NO_MEMORY of libxml2: lxml raises it as one of its own errors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLimits:
    """What one call may use; what overruns is killed.

    CPU time stops a loop that spins, wall time one that waits, memory one that grows: address space beyond what
    the worker process had when it first did such work.
    """

    cpu: timedelta = timedelta(seconds=5)
    wall: timedelta = timedelta(seconds=30)
    memory_bytes: int = 512 * 1024 * 1024


class WorkerFailed(Exception):
    """The work raised what is none of our errors: a bug of ours. A note holds the traceback from the process."""


class Workers:
    """At most `count` worker processes, started when first needed and reused.

    `memory_bytes` is what the machine or container has for each: no call may use more, whatever its limits say.
    """

    def __init__(self, count: int, *, memory_bytes: int | None = None) -> None:
        self._limiter = anyio.CapacityLimiter(count)
        self._memory_bytes = memory_bytes

    async def run(self, function: Callable[[Unpack[Ts]], T], *args: *Ts, limits: WorkerLimits) -> T:
        """`function(*args)` in a worker process.

        Raises `Malformed` where the work did, `Overrun` where it used more than `limits` or its process died, and
        `WorkerFailed` where it raised anything else. After a death the next call gets a fresh process.
        """
        memory_bytes = min(limits.memory_bytes, self._memory_bytes or limits.memory_bytes)
        # The wall clock starts when a worker is free: waiting for one is no fault of the item.
        async with self._limiter:
            reply = await _reply(limits, memory_bytes, function, args)
        failure = reply.failure
        if failure is None:
            return cast(T, await _loaded(reply.result))
        match failure.kind:
            case "malformed":
                raise Malformed(failure.text)
            case "overrun":
                raise Overrun(failure.text)
        error = WorkerFailed(f"{function.__name__}: {failure.text}")
        error.add_note(failure.traceback)
        raise error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    """What the work raised, in words."""

    kind: Literal["malformed", "overrun", "bug"]
    text: str
    traceback: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reply:
    """What a worker process answers: the pickled result, or why there is none."""

    result: bytes = b""
    failure: _Failure | None = None


async def _reply(
    limits: WorkerLimits, memory_bytes: int, function: Callable[[Unpack[Ts]], T], args: tuple[*Ts]
) -> _Reply:
    try:
        async with asyncio.timeout(limits.wall.total_seconds()):
            return await anyio.to_process.run_sync(
                _limited, limits, memory_bytes, function, args, cancellable=True, limiter=anyio.CapacityLimiter(1)
            )
    except TimeoutError as error:
        raise Overrun(f"{function.__name__} ran longer than {limits.wall.total_seconds():g} s") from error
    except MemoryError as error:  # the arguments themselves, or the reply
        raise Overrun(_too_large(function, memory_bytes)) from error
    except anyio.BrokenWorkerProcess as error:
        raise Overrun(
            f"{function.__name__} was killed: more than {limits.cpu.total_seconds():g} s of CPU, or a crash"
        ) from error


async def _loaded(result: bytes) -> object:
    return pickle.loads(result) if len(result) <= MOST_AT_ONCE_BYTES else await asyncio.to_thread(pickle.loads, result)  # noqa: S301 - our own process wrote it


def _limited(limits: WorkerLimits, memory_bytes: int, function: Callable[[Unpack[Ts]], T], args: tuple[*Ts]) -> _Reply:
    """What runs in the process: the work within its limits. It raises nothing, so that all of it survives the way."""
    _limit_cpu(limits.cpu)
    _limit_memory(function.__qualname__, memory_bytes)
    try:
        return _Reply(result=pickle.dumps(function(*args), pickle.HIGHEST_PROTOCOL))
    except Exception as error:  # noqa: BLE001 - a third loop: whatever the work raises, the role hears of it in words
        # The error holds on to what was in work: there would be no memory left for words.
        _lift_memory_limit()
        return _Reply(failure=_failure(error, too_large=_too_large(function, memory_bytes)))


def _failure(error: Exception, *, too_large: str) -> _Failure:
    if any(_is_out_of_memory(cause) for cause in _causes(error)):
        return _Failure(kind="overrun", text=too_large)
    if isinstance(error, Malformed | Overrun):
        return _Failure(kind="malformed" if isinstance(error, Malformed) else "overrun", text=_told(str(error)))
    lines = "".join(traceback.format_exception(error))
    return _Failure(
        kind="bug",
        text=_told(f"{type(error).__name__}: {error}"),
        traceback=without_controls(lines)[-MAX_TRACEBACK_CHARACTERS:],
    )


def _told(text: str) -> str:
    return without_controls(text)[:MAX_ERROR_CHARACTERS]


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """`error` and what it came of, each once."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _is_out_of_memory(error: BaseException) -> bool:
    """Whether the limit of memory was met: libraries say so in their own ways."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    # Of lxml without importing it: not every worker has it.
    entries = getattr(error, "error_log", None) or ()
    return getattr(error, "code", None) == LXML_OUT_OF_MEMORY or any(
        getattr(entry, "type", None) == LXML_OUT_OF_MEMORY for entry in entries
    )


def _too_large(function: Callable[..., object], memory_bytes: int) -> str:
    return f"{function.__name__} wanted more than {memory_bytes} bytes"


def _limit_cpu(allowed: timedelta) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime + allowed.total_seconds()) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, hard))


_first_in_use: dict[str, int] = {}
"""In a worker process: the address space in use before the first call of each function, its modules loaded."""


def _limit_memory(work: str, allowed_bytes: int) -> None:
    # Only Linux tells how much address space is in use; elsewhere the CPU and wall limits stand alone.
    statm = Path("/proc/self/statm")
    if sys.platform == "linux" and statm.exists():
        in_use = int(statm.read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        # Counted from the first call: what a call leaves behind must not become the next one's allowance.
        base = _first_in_use.setdefault(work, in_use)
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (base + allowed_bytes, hard))


def _lift_memory_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
