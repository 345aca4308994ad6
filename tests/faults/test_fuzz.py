"""Each fuzzer for `WIREDESK_TEST_FUZZ_SECONDS` (1800), with inputs that no run had before."""

from __future__ import annotations

import os
import secrets
import time

import pytest

from tests.fuzz.fuzzers import FUZZERS, Fuzzer
from tests.fuzz.running import run

SECONDS = float(os.environ.get("WIREDESK_TEST_FUZZ_SECONDS", "1800"))
AT_ONCE = 500


@pytest.mark.faults
@pytest.mark.parametrize("fuzzer", FUZZERS, ids=lambda fuzzer: fuzzer.name)
def test_a_promise_holds_for_as_long_as_one_likes(fuzzer: Fuzzer) -> None:
    end, number, runs = time.monotonic() + SECONDS, secrets.randbits(32), 0
    while time.monotonic() < end:
        run(fuzzer, examples=AT_ONCE, number=number + runs)
        runs += 1
    print(f"{fuzzer.name}: seeds {number} to {number + runs - 1}, {AT_ONCE} examples each")
