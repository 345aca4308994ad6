"""Work in processes that can be killed."""

import os
import time
from datetime import timedelta

import pytest

from wiredesk.errors import Overrun
from wiredesk.workers import WorkerLimits, Workers


def spin() -> None:
    while True:
        pass


def hang() -> None:
    time.sleep(3600)


def grow() -> int:
    return len(b"x" * (4 * 1024**3))


def die() -> None:
    os._exit(9)


def double(number: int) -> int:
    return 2 * number


def fail() -> None:
    raise ValueError("not a number")


@pytest.mark.parametrize("misbehave", [spin, hang, grow, die])
async def test_what_overruns_is_killed_and_the_next_call_works(misbehave: object) -> None:
    workers = Workers(1)
    limits = WorkerLimits(cpu=timedelta(seconds=1), wall=timedelta(seconds=2.5), memory_bytes=256 * 1024 * 1024)

    with pytest.raises(Overrun):
        await workers.run(misbehave, limits=limits)  # type: ignore[arg-type]

    assert await workers.run(double, 21, limits=WorkerLimits()) == 42


async def test_an_exception_of_the_work_is_raised_to_the_caller() -> None:
    with pytest.raises(ValueError, match="not a number"):
        await Workers(1).run(fail, limits=WorkerLimits())
