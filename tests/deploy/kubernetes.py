"""The Kubernetes files as kustomize builds them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from tests.deploy.tools import ROOT, tool

Resource = dict[str, Any]

OVERLAYS = ("dev", "prod")
SCHEMAS = {path.stem: path for path in (Path(__file__).parent / "schemas").glob("*.json")}
"""Of kinds that operators define, by kind: only the fields that we use, so that a misspelt one is refused."""

WITH_STRIMZI = """
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../prod]
components: [../../components/strimzi]
"""


def copied(folder: Path) -> Path:
    """The tree under `folder`, to plant faults in, with one more overlay: prod with the topics as Strimzi's."""
    shutil.copytree(ROOT / "k8s", folder / "k8s")
    shutil.copytree(ROOT / "deploy" / "grafana", folder / "deploy" / "grafana")
    strimzi = folder / "k8s" / "overlays" / "strimzi"
    strimzi.mkdir()
    (strimzi / "kustomization.yaml").write_text(WITH_STRIMZI, "utf-8")
    return folder


def built(overlay: str, *, root: Path = ROOT) -> str:
    """What would be applied."""
    ended = tool("kubectl", "kustomize", root / "k8s" / "overlays" / overlay)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def resources(text: str) -> list[Resource]:
    """Each resource of a built overlay."""
    return [one for one in yaml.safe_load_all(text) if one]


def of_kind(found: Sequence[Resource], *kinds: str) -> list[Resource]:
    """Those of `kinds`."""
    return [one for one in found if one["kind"] in kinds]


def faults(text: str, folder: Path) -> str:
    """What strict schemas say against a built overlay: Kubernetes' own of its kinds, ours of the operators' kinds."""
    said = []
    builtin = folder / "builtin.yaml"
    found = resources(text)
    builtin.write_text(yaml.safe_dump_all([one for one in found if one["kind"] not in SCHEMAS]), "utf-8")
    ended = tool("kubernetes-validate", "--strict", builtin)
    said += [line for line in (ended.stdout + ended.stderr).splitlines() if not line.startswith("INFO")]
    assert said or ended.returncode == 0
    for one in of_kind(found, *SCHEMAS):
        schema = json.loads(SCHEMAS[one["kind"]].read_text("utf-8"))
        for error in Draft202012Validator(schema).iter_errors(one):
            said.append(f"{one['kind']} {one['metadata']['name']}: {error.json_path}: {error.message}")
    return "\n".join(said)
