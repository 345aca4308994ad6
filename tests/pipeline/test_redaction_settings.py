"""Settings that cannot be used are told of without what is secret in them."""

from __future__ import annotations

from pathlib import Path

from tests.pipeline.forked import Forked, forked
from tests.pipeline.planted import PLANTED, leaks
from tests.pipeline.running import Ended, environment

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


async def told_of(name: str, value: str, home: Path, wiredesk: Forked) -> dict[str, Ended]:
    """What a run and `doctor` say of the setting."""
    env = environment(home, **{name: value}, WIREDESK_LOG_LEVEL="debug")
    return {
        "run": await wiredesk("run", "--until-idle", env=env, patience=60),
        "doctor": await wiredesk("doctor", env=env),
    }


async def test_a_setting_that_cannot_be_used_is_told_of_without_what_is_secret_in_it(home: Path) -> None:
    settings = [(name, value) for name, values in WRONG.items() for value in values]
    async with forked() as wiredesk:
        answers = {value: await told_of(name, value, home, wiredesk) for name, value in settings}

    for value, answer in answers.items():
        assert {ended.status for ended in answer.values()} == {1}, value
        said = {command: ended.out + ended.err for command, ended in answer.items()}
        assert not [command for command, text in said.items() if "Traceback" in text or not text], value
        assert leaks(said) == [], value
