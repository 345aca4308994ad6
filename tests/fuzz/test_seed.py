"""A short seed of each fuzzer; `make faults` goes on for longer (`tests/faults/test_fuzz.py`)."""

from __future__ import annotations

import pytest

from tests.fuzz.fuzzers import FUZZERS, Fuzzer
from tests.fuzz.running import run

EXAMPLES = 60


@pytest.mark.parametrize("fuzzer", FUZZERS, ids=lambda fuzzer: fuzzer.name)
def test_a_promise_holds_whatever_is_written(fuzzer: Fuzzer) -> None:
    run(fuzzer, examples=EXAMPLES, number=13)
