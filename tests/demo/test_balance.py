from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from wiredesk.demo.balance import Account, Balance, Fact, Latency

BRIDGE, HARVEST = Fact(about="one/bridge", says="from the page"), Fact(about="two/harvest", says="from the page")
MARTA = Fact(about="Marta on one/bridge", says="I never saw a crack.")
CHANGED = Fact(about="Marta on one/bridge", says="I never saw a duck.")


def account(expected: Sequence[Fact], found: Sequence[Fact]) -> Account:
    return Account(name="items", expected=expected, found=found)


def test_what_both_sides_have_balances_in_whatever_order() -> None:
    assert not Balance(accounts=[account([BRIDGE, HARVEST], [HARVEST, BRIDGE])]).differences


@pytest.mark.parametrize(
    ("expected", "found", "said"),
    [
        pytest.param(
            [BRIDGE], [], "items: one/bridge (from the page) is in the ledger and did not come", id="nothing came"
        ),
        pytest.param(
            [BRIDGE],
            [BRIDGE, HARVEST],
            "items: two/harvest (from the page) came and is not in the ledger",
            id="too much",
        ),
        pytest.param(
            [BRIDGE],
            [BRIDGE, BRIDGE],
            "items: one/bridge (from the page) came and is not in the ledger",
            id="came twice",
        ),
        pytest.param(
            [MARTA],
            [CHANGED],
            "items: Marta on one/bridge: the ledger has 'I never saw a crack.', there came 'I never saw a duck.'",
            id="changed",
        ),
    ],
)
def test_a_difference_is_named(expected: Sequence[Fact], found: Sequence[Fact], said: str) -> None:
    assert account(expected, found).differences == [said]


def test_long_texts_are_shown_from_shortly_before_where_they_part() -> None:
    same = "word " * 100
    expected, found = Fact(about="one/bridge", says=same + "end"), Fact(about="one/bridge", says=same + "finish")

    (said,) = account([expected], [found]).differences

    assert "word end'" in said
    assert "word finish'" in said
    assert len(said) < 250


def test_percentiles_are_of_the_nearest_rank() -> None:
    latency = Latency(name="seen to stored", times=[timedelta(seconds=number) for number in range(20, 0, -1)])

    assert latency.percentile(0.5) == timedelta(seconds=10)
    assert latency.percentile(0.95) == timedelta(seconds=19)
    assert Latency(name="nothing", times=[]).percentile(0.5) is None
