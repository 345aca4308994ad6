from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.roles.web.api import Api, serving
from wiredesk.database import Database, open_database


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Database]:
    """Records in a file, for what does not depend on the database."""
    async with open_database(f"sqlite:///{tmp_path / 'desk.sqlite'}", schema="desk") as database:
        yield database


@pytest.fixture
async def api(desk: Database) -> AsyncIterator[Api]:
    async with serving(desk) as api:
        yield api
