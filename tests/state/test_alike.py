"""Either state gives the same verdicts on the labelled documents of the evaluation data."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.eval.dedup import articles
from tests.state.documents import judged
from wiredesk.state.open import open_state

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "dedup"


@pytest.mark.servers
@pytest.mark.parametrize("most", [500, pytest.param(None, marks=pytest.mark.faults)])
@pytest.mark.parametrize("size", [1, 50], ids=["one at a time", "in batches"])
async def test_sqlite_and_redis_give_the_same_verdicts(
    tmp_path: Path, redis_url: str, prefix: str, most: int | None, size: int
) -> None:
    if not DATA.is_dir():
        pytest.skip(f"NOT TESTED: no evaluation data at {DATA}")
    documents = list(articles(DATA, "mutations"))[:most]

    async with open_state(f"sqlite:///{tmp_path / 'state.sqlite'}", prefix=prefix) as state:
        embedded = await judged(state.seen, documents, size=size)
    async with open_state(redis_url, prefix=prefix) as state:
        served = await judged(state.seen, documents, size=size)

    assert embedded == served
    assert {one.verdict.kind for one in served} == {"new", "duplicate", "revision"}
