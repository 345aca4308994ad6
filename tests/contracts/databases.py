"""Both databases, one after the other, for tests that must hold on either."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from wiredesk.database import Database, open_database

BACKENDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.servers)]


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'database.sqlite'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
async def database(database_url: str, prefix: str) -> AsyncIterator[Database]:
    async with open_database(database_url, schema=prefix) as database:
        yield database
