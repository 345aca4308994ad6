from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml

from tests.deploy import queries
from tests.deploy.tools import assert_clean, assert_refused, tool, with_fault
from wiredesk.app import ROLES

FOLDER = queries.RULES.parent
UNIT_TESTS = FOLDER / "rules.test.yml"


def test_the_rules_and_the_settings_are_what_prometheus_takes() -> None:
    assert_clean(tool("promtool", "check", "rules", queries.RULES))
    assert_clean(tool("promtool", "check", "config", FOLDER / "prometheus.yml"))


def test_a_setting_that_prometheus_does_not_know_is_refused(tmp_path: Path) -> None:
    faulty = with_fault(FOLDER / "prometheus.yml", tmp_path, instead_of="scrape_interval", write="scrape_intervall")
    assert_refused(tool("promtool", "check", "config", faulty), naming="scrape_intervall")


def test_a_rule_that_cannot_be_parsed_is_refused(tmp_path: Path) -> None:
    faulty = with_fault(queries.RULES, tmp_path, instead_of="sum(rate(", write="sum(rate((")
    assert_refused(tool("promtool", "check", "rules", faulty), naming="parse")


def test_every_alert_fires_for_its_case_and_is_silent_otherwise() -> None:
    assert_clean(tool("promtool", "test", "rules", UNIT_TESTS))


def test_a_rule_that_fires_too_late_fails_its_unit_test(tmp_path: Path) -> None:
    with_fault(queries.RULES, tmp_path, instead_of="for: 2m", write="for: 20m")
    tests = tmp_path / UNIT_TESTS.name
    tests.write_bytes(UNIT_TESTS.read_bytes())
    assert_refused(tool("promtool", "test", "rules", tests), naming="WiredeskDependencyDown")


def test_every_alert_has_a_unit_test_in_which_it_fires() -> None:
    alerts = {name for name in queries.of_rules() if ":" not in name}
    cases = [
        case for group in yaml.safe_load(UNIT_TESTS.read_text("utf-8"))["tests"] for case in group["alert_rule_test"]
    ]
    fired = [(case["alertname"], alert["exp_labels"]) for case in cases for alert in case["exp_alerts"]]
    by_role = {name.split()[0] for name in alerts if " " in name}
    assert alerts == {f"{name} {labels['service']}" if name in by_role else name for name, labels in fired}


def test_the_loss_of_every_role_is_an_alert_of_its_own() -> None:
    rules = {name: expression for name, expression in queries.of_rules().items() if name.startswith("WiredeskRoleGone")}
    assert rules == {
        f"WiredeskRoleGone {role}": f'absent(up{{job="wiredesk", service="{role}"}} == 1)' for role in ROLES
    }


def test_prometheus_looks_for_every_role() -> None:
    (job,) = yaml.safe_load((FOLDER / "prometheus.yml").read_text("utf-8"))["scrape_configs"]
    (names,) = [found["names"] for found in job["dns_sd_configs"]]
    assert tuple(names) == ROLES


def test_every_query_of_the_dashboard_is_promql(tmp_path: Path) -> None:
    assert_clean(tool("promtool", "check", "rules", as_rules(queries.of_dashboard().values(), tmp_path)))


def test_a_query_of_the_dashboard_that_is_none_is_refused(tmp_path: Path) -> None:
    faulty = as_rules([*queries.of_dashboard().values(), "sum(rate(wiredesk_polls_total[5m])"], tmp_path)
    assert_refused(tool("promtool", "check", "rules", faulty), naming="unclosed left parenthesis")


def as_rules(expressions: Iterable[str], folder: Path) -> Path:
    """A file of rules, which promtool can check as it cannot a dashboard."""
    rules = [
        {"record": f"panel:{number}", "expr": re.sub(r"\$__rate_interval", "5m", expression)}
        for number, expression in enumerate(expressions)
    ]
    file = folder / "dashboard.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}), "utf-8")
    return file


@pytest.mark.parametrize("name", ["rules.yml", "prometheus.yml", "rules.test.yml"])
def test_the_folder_that_compose_mounts_holds(name: str) -> None:
    assert (FOLDER / name).is_file()
