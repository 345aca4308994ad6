"""A site on loopback, and a door that may dial it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.outbound.names import LOOPBACK
from tests.web import Site
from wiredesk.outbound.door import Door


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with Site() as running:
        yield running


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with Door(allow=LOOPBACK, user_agent="wiredesk/1", contact="https://desk.example/bot") as opened:
        yield opened
