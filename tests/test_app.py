from __future__ import annotations

import pytest
from pydantic import SecretStr

from wiredesk.app import ROLES, Order, patience_of
from wiredesk.config import Config
from wiredesk.startup import PATIENCE

EMBEDDED = Config()
ON_A_SERVER = Config(database_url=SecretStr("postgresql://db/wiredesk"))


@pytest.mark.parametrize(
    ("config", "order"),
    [
        pytest.param(EMBEDDED, Order(), id="all roles on files, as somebody tries it"),
        pytest.param(EMBEDDED, Order(until_idle=True), id="until idle, on files"),
        pytest.param(ON_A_SERVER, Order(until_idle=True), id="until idle, on a server"),
    ],
)
def test_a_start_that_somebody_watches_ends_when_a_server_stays_away(config: Config, order: Order) -> None:
    assert patience_of(config, order) == PATIENCE


@pytest.mark.parametrize(
    ("config", "order"),
    [
        *(pytest.param(ON_A_SERVER, Order(roles=(role,)), id=role) for role in ROLES),
        pytest.param(EMBEDDED, Order(roles=("store",)), id="one role on files"),
        pytest.param(ON_A_SERVER, Order(), id="all roles on a server"),
    ],
)
def test_a_start_under_a_supervisor_waits_as_long_as_it_takes(config: Config, order: Order) -> None:
    assert patience_of(config, order) is None
