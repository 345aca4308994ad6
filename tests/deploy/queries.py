"""What the dashboard and the alert rules ask Prometheus for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = DEPLOY / "prometheus" / "rules.yml"
DASHBOARD = DEPLOY / "grafana" / "dashboards" / "wiredesk.json"

_METRIC = re.compile(r"\b(?:wiredesk|process)_[a-z0-9_]+")


def of_rules() -> dict[str, str]:
    """Every expression of the rules, by the name of its record or alert, and the role whose alert it is."""
    groups = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    return {_name(rule): rule["expr"] for group in groups for rule in group["rules"]}


def _name(rule: dict[str, Any]) -> str:
    role = rule.get("labels", {}).get("service", "")
    return f"{rule.get('alert') or rule['record']} {role}".rstrip()


def of_dashboard() -> dict[str, str]:
    """Every query of the dashboard, by the title of its panel and its letter."""
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    return {
        f"{panel['title']} {target['refId']}": target["expr"] for panel in panels for target in panel.get("targets", [])
    }


def metrics(expressions: Iterable[str]) -> set[str]:
    """The series of ours that they name."""
    return {name for expression in expressions for name in _METRIC.findall(expression)}
