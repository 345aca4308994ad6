from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from wiredesk.app import ROLES
from wiredesk.events.topics import TOPICS

ROOT = Path(__file__).parents[2]
BESIDE_ROLES_IN_THE_PICTURE = {"database", "webhooks"}


def _folders() -> set[str]:
    return {path.parent.name for path in (ROOT / "services/wiredesk/roles").glob("*/__init__.py")}


def _compose() -> set[str]:
    services = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text("utf-8"))["services"]
    return {name for name, service in services.items() if service.get("command") == ["run", name]}


def _kubernetes() -> set[str]:
    return {path.stem for path in (ROOT / "k8s/base/roles").glob("*.yaml")}


def _kustomization() -> set[str]:
    named = yaml.safe_load((ROOT / "k8s/base/kustomization.yaml").read_text("utf-8"))["resources"]
    return {Path(name).stem for name in named if name.startswith("roles/")}


def _picture() -> set[str]:
    first = (ROOT / "README.md").read_text("utf-8").split("```")[1]
    return set(re.findall(r"[a-z]+", first)) - (set(TOPICS) - set(ROLES)) - BESIDE_ROLES_IN_THE_PICTURE


@pytest.mark.parametrize(
    "place", [_folders, _compose, _kubernetes, _kustomization, _picture], ids=lambda it: it.__name__
)
def test_the_roles_are_the_same_everywhere(place: Callable[[], set[str]]) -> None:
    assert place() == set(ROLES)
