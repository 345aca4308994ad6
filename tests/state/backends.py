"""Both states, one after the other, for tests that must hold on either."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from wiredesk.state import State
from wiredesk.state.open import open_state

BACKENDS = ["sqlite", pytest.param("redis", marks=pytest.mark.servers)]


@pytest.fixture(params=BACKENDS)
def state_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'state.sqlite'}"
    url: str = request.getfixturevalue("redis_url")
    return url


@pytest.fixture
async def state(state_url: str, prefix: str) -> AsyncIterator[State]:
    async with open_state(state_url, prefix=prefix) as state:
        yield state
