"""Fixtures of the role's tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.roles.notify.desk import Desk, open_desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A sender, a receiver and a clock."""
    async with open_desk(tmp_path) as desk:
        yield desk
