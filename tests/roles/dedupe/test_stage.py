"""Others are faster: a batch gets through in parts, and never asks without end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.state.documents import AT, article, judged, received
from wiredesk.errors import Unavailable
from wiredesk.roles.dedupe.stage import TRIES, Dedupe
from wiredesk.state.open import open_state
from wiredesk.state.seen import Candidates, Lookup, Seen, Update


@dataclass
class Contended:
    """A memory in which others are ahead of every batch of more than `most` items."""

    seen: Seen
    most: int
    settled: list[int] = field(default_factory=list)
    refused: int = 0

    async def candidates(self, asks: Sequence[Lookup]) -> Sequence[Candidates]:
        return await self.seen.candidates(asks)

    async def settle(self, asks: Sequence[Lookup], versions: Sequence[str], writes: Sequence[Update]) -> bool:
        if len(asks) > self.most:
            self.refused += 1
            return False
        self.settled.append(len(asks))
        return await self.seen.settle(asks, versions, writes)


@pytest.fixture
async def seen(tmp_path: Path, prefix: str) -> AsyncIterator[Seen]:
    async with open_state(f"sqlite:///{tmp_path / 'state.sqlite'}", prefix=prefix) as state:
        yield state.seen


ITEMS = [
    article(
        f"n{number % 3}{number}",
        f"The ferry to port {number % 3} sank in the storm. " * 9,
        title="Ferry",
        source=f"s{number}.example",
    )
    for number in range(8)
]


async def test_where_others_are_ahead_smaller_batches_are_settled_in_order(seen: Seen) -> None:
    contended = Contended(seen, most=2)

    async with asyncio.timeout(30):
        results = await judged(contended, ITEMS)

    assert contended.settled == [2, 2, 2, 2]
    assert [result.id for result in results] == [item.id for item in ITEMS]
    assert sum(result.verdict.kind == "new" for result in results) == 3


async def test_a_batch_that_goes_through_at_once_is_settled_whole(seen: Seen) -> None:
    contended = Contended(seen, most=8)

    await judged(contended, ITEMS)

    assert (contended.settled, contended.refused) == ([8], 0)


async def test_an_item_at_which_others_are_always_faster_waits_for_the_state(seen: Seen) -> None:
    contended = Contended(seen, most=0)
    stage = Dedupe(contended, now=lambda: AT)

    async with asyncio.timeout(30):
        with pytest.raises(Unavailable, match="changed by others") as waiting:
            await stage([received(item) for item in ITEMS[:2]])

    assert waiting.value.dependency == "state"
    assert contended.refused == 2 * TRIES  # of the two, and of the first alone
