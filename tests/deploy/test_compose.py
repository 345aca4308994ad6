from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.tools import assert_clean, assert_refused, tool, with_fault
from wiredesk.app import ROLES
from wiredesk.backends import refuse_split
from wiredesk.config import Config, load

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
