"""Work in processes that can be killed."""

import errno
import os
import pickle
import time
from datetime import timedelta

import pytest
from lxml import etree

from wiredesk.errors import Malformed, Overrun
from wiredesk.workers import WorkerFailed, WorkerLimits, Workers


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


class Unportable(Exception):
    """As lxml's errors: it holds what cannot leave the process."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.held = lambda: text


class TwoArguments(Exception):
    """It leaves the process, and cannot be made again where it arrives."""

    def __init__(self, text: str, _: object) -> None:
        super().__init__(text)


def refuse() -> None:
    raise Malformed("no feed: half a letter \ud83d and NUL \x00")


def raise_unportable() -> None:
    raise Unportable("held")


def raise_two_arguments() -> None:
    raise TwoArguments("first", "second")


def return_unportable() -> object:
    return lambda: None


def wrap_out_of_memory() -> None:
    """As a parser's edge does it: any error of the library is `Malformed`."""
    try:
        raise MemoryError
    except MemoryError as error:
        raise Malformed("no HTML") from error


def run_out_of_memory_in_lxml() -> None:
    raise etree.XMLSyntaxError("Memory allocation failed", 2, 1, 1)  # type: ignore[call-arg, arg-type]


def run_out_of_memory_in_the_system() -> None:
    raise OSError(errno.ENOMEM, "Cannot allocate memory")


def keep(held: list[bytes] = []) -> int:  # noqa: B006 - it shall stay
    held.append(b"x" * (64 * 1024 * 1024))
    return len(held)


def many(count: int) -> list[str]:
    return [f"a text of its own {number}" for number in range(count)]


@pytest.mark.parametrize("misbehave", [spin, hang, grow, die])
async def test_what_overruns_is_killed_and_the_next_call_works(misbehave: object) -> None:
    workers = Workers(1)
    limits = WorkerLimits(cpu=timedelta(seconds=1), wall=timedelta(seconds=2.5), memory_bytes=256 * 1024 * 1024)

    with pytest.raises(Overrun):
        await workers.run(misbehave, limits=limits)  # type: ignore[arg-type]

    assert await workers.run(double, 21, limits=WorkerLimits()) == 42


async def test_what_is_malformed_is_so_to_the_caller_in_words_that_can_be_stored() -> None:
    with pytest.raises(Malformed, match=r"^no feed: half a letter  and NUL $"):
        await Workers(1).run(refuse, limits=WorkerLimits())


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (fail, "fail: ValueError: not a number"),
        (raise_unportable, "raise_unportable: Unportable: held"),
        (raise_two_arguments, "raise_two_arguments: TwoArguments: first"),
        (return_unportable, "return_unportable: .*pickle"),
    ],
)
async def test_any_other_exception_is_our_bug_and_brings_its_traceback_as_text(work: object, words: str) -> None:
    with pytest.raises(WorkerFailed, match=words) as raised:
        await Workers(1).run(work, limits=WorkerLimits())  # type: ignore[arg-type]

    (note,) = raised.value.__notes__
    assert note.startswith("Traceback")
    assert __file__ in note or "pickle" in note
    assert pickle.loads(pickle.dumps(raised.value)).args == raised.value.args


@pytest.mark.parametrize("work", [wrap_out_of_memory, run_out_of_memory_in_lxml, run_out_of_memory_in_the_system])
async def test_memory_that_is_used_up_is_an_overrun_however_a_library_says_so(work: object) -> None:
    with pytest.raises(Overrun, match="wanted more than 268435456 bytes"):
        await Workers(1).run(work, limits=WorkerLimits(memory_bytes=256 * 1024 * 1024))  # type: ignore[arg-type]


async def test_what_a_call_leaves_behind_is_no_allowance_of_the_next() -> None:
    workers, limits = Workers(1), WorkerLimits(memory_bytes=256 * 1024 * 1024)

    async def again_and_again() -> None:
        for _ in range(10):
            await workers.run(keep, limits=limits)

    with pytest.raises(Overrun, match="keep wanted more"):
        await again_and_again()


async def test_the_machine_s_allowance_stands_above_the_limits_of_a_call() -> None:
    with pytest.raises(Overrun, match="keep wanted more than 33554432 bytes"):
        await Workers(1, memory_bytes=32 * 1024 * 1024).run(keep, limits=WorkerLimits())


async def test_a_large_result_arrives_whole() -> None:
    assert await Workers(1).run(many, 50_000, limits=WorkerLimits()) == many(50_000)
