from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.roles.pages.look.desk import Desk, working_desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with working_desk(tmp_path) as desk:
        yield desk
