"""Settings that cannot be used are told of without what is secret in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipeline.planted import PLANTED, leaks
from tests.pipeline.running import environment, wiredesk

WRONG = {
    "WIREDESK_OUTBOUND_PROXY": (f"http://puser:{PLANTED['Proxy']}/x@proxy:3128", f"puser:{PLANTED['Proxy']}@proxy"),
    "WIREDESK_BUS_URL": (
        f"kafka://desk:{PLANTED['Kafka']}@127.0.0.1:9",
        f"kafka://127.0.0.1:{PLANTED['Kafka']}",
        f"desk:{PLANTED['Kafka']}@127.0.0.1",
    ),
    "WIREDESK_STATE_URL": (
        f"redis://desk:{PLANTED['Redis']}/x@127.0.0.1:9/0",
        f"redis://desk:{PLANTED['Redis']}@127.0.0.1:99999/0",
        f"redis://desk:{PLANTED['Redis']}@127.0.0.1:9/0",
        f"desk:{PLANTED['Redis']}@127.0.0.1",
    ),
    "WIREDESK_DATABASE_URL": (
        f"postgresql://desk:{PLANTED['Postgres']}/x@127.0.0.1/db",
        f"postgresql://desk:{PLANTED['Postgres']}@127.0.0.1:99999/db",
        f"postgresql://desk:{PLANTED['Postgres']}@127.0.0.1:9/db",
        f"desk:{PLANTED['Postgres']}@127.0.0.1/db",
    ),
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
async def test_a_setting_that_cannot_be_used_is_told_of_without_what_is_secret_in_it(
    home: Path, name: str, value: str
) -> None:
    env = environment(home, **{name: value}, WIREDESK_LOG_LEVEL="debug")

    ran, examined = await wiredesk("run", "--until-idle", env=env, patience=60), await wiredesk("doctor", env=env)

    assert (ran.status, examined.status) == (1, 1)
    assert "Traceback" not in ran.err + examined.err
    assert leaks({"run": ran.out + ran.err, "doctor": examined.out + examined.err}) == []
