from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.browser import Tab, browsing, chromium, running
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


@pytest.fixture
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """The lines that we log, as they come."""
    with capture_logs() as lines:
        yield lines


@pytest.fixture
def unanswered() -> Database:
    """Records at a port where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return open_database(f"postgresql://nobody@127.0.0.1:{port}/none", schema="none")


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program = chromium()
    if program is None:
        pytest.skip(
            "NO BROWSER TESTED: no Chromium here (Debian: apt-get install chromium), or name it by WIREDESK_TEST_CHROMIUM"
        )
    with running(program, tmp_path_factory.mktemp("browser")) as address:
        yield address


@pytest.fixture
async def tab(browser: str) -> AsyncIterator[Tab]:
    async with browsing(browser) as tab:
        yield tab
