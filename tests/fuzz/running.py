"""Runs a fuzzer: a short seed that is always the same, or for as long as one likes, each time with other inputs."""

from __future__ import annotations

from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, given, seed, settings

from tests.fuzz.fuzzers import Bench, Fuzzer


def run(fuzzer: Fuzzer, *, examples: int, number: int) -> None:
    """`examples` inputs of the seed `number`. Raises what breaks the promise, with the smallest input that does."""
    # One task for all examples: worker processes end with the one that started them.
    with start_blocking_portal() as portal:
        bench = Bench(portal)

        @seed(number)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(fuzzer.inputs)
        def holds(value: object) -> None:
            fuzzer.holds(bench, value)

        holds()
