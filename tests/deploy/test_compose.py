from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.tools import assert_clean, assert_refused, tool, with_fault
from tests.servers import CannotStart, free_port
from tests.servers.kafka import Kafka
from wiredesk.app import ROLES
from wiredesk.backends import refuse_split
from wiredesk.bus.kafka import KafkaBus
from wiredesk.bus.kafka_options import KafkaOptions
from wiredesk.config import Config, load
from wiredesk.errors import Misconfigured, Unavailable

FOLDER = Path(__file__).parents[2] / "deploy"
FILE = FOLDER / "compose.yaml"
COMPOSE = yaml.safe_load(FILE.read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ONE_SHOT = ("topics", "migrations")


def settings(service: str) -> Config:
    """What `service` sees, as compose would write it: variables stand for a word of their own, as long as a token must be."""
    written = {
        name: re.sub(r"\$\{[^}]*\}", "a-word-of-17-letters", value)
        for name, value in SERVICES[service]["environment"].items()
    }
    return load(written, env_file=FOLDER / "wiredesk.env.example")


def test_the_file_is_what_compose_takes() -> None:
    assert_clean(tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec", FILE))


def test_a_misspelt_field_is_refused(tmp_path: Path) -> None:
    faulty = with_fault(FILE, tmp_path, instead_of="stop_grace_period:", write="stop_grace_periods:")
    ended = tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec", faulty)
    assert_refused(ended, naming="stop_grace_periods")


@pytest.mark.parametrize("service", [*ROLES, *ONE_SHOT])
def test_a_service_s_settings_are_known_and_valid_and_name_servers_all_of_them_share(service: str) -> None:
    refuse_split(settings(service))


@pytest.mark.parametrize("role", ROLES)
def test_a_role_waits_for_topics_and_migrations_and_is_left_time_to_finish(role: str) -> None:
    waits = {name: how["condition"] for name, how in SERVICES[role]["depends_on"].items()}
    assert {name: waits.get(name) for name in ONE_SHOT} == dict.fromkeys(ONE_SHOT, "service_completed_successfully")
    grace = int(SERVICES[role]["stop_grace_period"].removesuffix("s"))
    assert grace > settings(role).shutdown.total_seconds()


@pytest.mark.parametrize("service", [*ROLES, *ONE_SHOT])
def test_what_runs_wiredesk_cannot_write_to_its_root_or_gain_privileges(service: str) -> None:
    found = {name: SERVICES[service].get(name) for name in ("read_only", "cap_drop", "security_opt")}
    assert found == {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"]}


@pytest.mark.parametrize("service", sorted(set(ROLES) - {"feeds", "pages", "notify", "web"}))
def test_a_role_that_only_works_on_the_log_has_no_way_out(service: str) -> None:
    assert [COMPOSE["networks"][name].get("internal") for name in SERVICES[service]["networks"]] == [True]


def test_every_network_volume_and_service_that_is_named_exists() -> None:
    missing = []
    for name, service in SERVICES.items():
        missing += [(name, other) for other in service.get("depends_on", {}) if other not in SERVICES]
        missing += [(name, network) for network in service["networks"] if network not in COMPOSE["networks"]]
        sources = [volume.split(":")[0] for volume in service.get("volumes", [])]
        missing += [(name, source) for source in sources if source[0] not in "./$" and source not in COMPOSE["volumes"]]
        mine = [source for source in sources if source.startswith("./")]
        missing += [(name, source) for source in mine if not (FOLDER / source).exists()]
    assert not missing


def test_the_redis_keeps_what_it_was_told() -> None:
    command = SERVICES["redis"]["command"]
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
    assert command[command.index("--appendonly") + 1] == "yes"


def test_each_role_holds_the_secrets_that_it_uses_and_no_others() -> None:
    files = {name: {one["path"] for one in SERVICES[name]["env_file"]} for name in (*ROLES, *ONE_SHOT)}
    own = {name: paths - {"wiredesk.env.example", "wiredesk.env"} for name, paths in files.items()}
    assert own == {
        **{name: set() for name in (*ROLES, *ONE_SHOT)},
        "feeds": {"feeds.env"},
        "pages": {"feeds.env"},
        "notify": {"endpoints.env"},
    }
    assert {name for name in SERVICES if "WIREDESK_TOKEN" in SERVICES[name].get("environment", {})} == {"web"}


def test_web_is_reached_and_has_no_part_in_the_network_of_those_that_fetch() -> None:
    assert set(SERVICES["web"]["networks"]) == {"servers", "published"}


def test_every_server_wants_a_password() -> None:
    wanted = {name: str(SERVICES[name]) for name in ("kafka", "redis", "postgres", "grafana")}
    assert {name for name, text in wanted.items() if f"{name.upper()}_PASSWORD" in text} == set(wanted)


@pytest.mark.servers
async def test_a_broker_with_these_listeners_takes_who_has_the_password_and_nobody_else() -> None:
    port = free_port()
    try:
        broker = Kafka(settings=_properties(port))
        broker.settings |= {
            name: value.replace("127.0.0.1:9094", broker.bootstrap).replace(
                "127.0.0.1:9093", f"127.0.0.1:{broker.controller_port}"
            )
            for name, value in broker.settings.items()
        }
        running = broker.__enter__()
    except CannotStart as error:
        pytest.skip(f"kafka cannot start: {error}")
    try:
        options = KafkaOptions(
            security="SASL_PLAINTEXT", sasl_mechanism="PLAIN", username="wiredesk", password="a-word-of-17-letters"
        )
        await _asked(port, options)
        for other in (replace(options, password="another"), KafkaOptions()):
            with pytest.raises((Unavailable, Misconfigured)):
                await _asked(port, other)
    finally:
        running.__exit__()


async def _asked(port: int, options: KafkaOptions) -> None:
    bus = KafkaBus([f"127.0.0.1:{port}"], options=options, client="test", instance="")
    async with asyncio.timeout(60), bus:
        await bus.check()


def _properties(port: int) -> dict[str, str]:
    """The broker's properties, as the image makes them of the variables; clients come to `port` of this machine."""
    variables = SERVICES["kafka"]["environment"]
    chosen = ("LISTENER", "ADVERTISED", "SASL", "INTER_BROKER", "CONTROLLER")
    return {
        name.removeprefix("KAFKA_").lower().replace("_", "."): re.sub(r"\$\{[^}]*\}", "a-word-of-17-letters", value)
        .replace("CLIENTS://:9092", f"CLIENTS://127.0.0.1:{port}")
        .replace("kafka:9092", f"127.0.0.1:{port}")
        for name, value in variables.items()
        if name.startswith("KAFKA_") and any(word in name for word in chosen)
    }
