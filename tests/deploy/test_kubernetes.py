from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from tests.deploy import copies
from tests.deploy.kubernetes import OVERLAYS, Resource, built, copied, faults, of_kind, resources
from wiredesk.app import ROLES
from wiredesk.backends import refuse_split
from wiredesk.config import Config, load
from wiredesk.database.transactions import MIGRATION_LIMIT
from wiredesk.roles.reads import READS

NEEDED_IN_PROD = {
    "wiredesk": {"WIREDESK_DATABASE_URL": "postgresql://user@postgres/wiredesk"},
    "wiredesk-web": {"WIREDESK_TOKEN": "word-of-16-letters"},
}
"""What the secret store of an operator has, by Secret."""


@cache
def _built(overlay: str) -> str:
    return built(overlay)


@pytest.fixture(params=OVERLAYS)
def overlay(request: pytest.FixtureRequest) -> list[Resource]:
    return resources(_built(request.param))


def _pods(overlay: list[Resource]) -> Iterator[tuple[str, Resource]]:
    """Name and pod of everything that runs our image."""
    for one in of_kind(overlay, "Deployment", "StatefulSet", "Job"):
        pod = one["spec"]["template"]["spec"]
        if pod["containers"][0]["name"] == "wiredesk":
            yield one["metadata"]["name"], pod


def _settings(pod: Resource, overlay: list[Resource]) -> Config:
    """What a container of ours would see."""
    seen: dict[str, str] = {}
    by_name = {(one["kind"], one["metadata"]["name"]): one for one in overlay}
    container = pod["containers"][0]
    for source in container["envFrom"]:
        if "configMapRef" in source:
            seen |= by_name["ConfigMap", source["configMapRef"]["name"]]["data"]
        secret_name = _generated(source.get("secretRef", {}).get("name", ""))
        seen |= NEEDED_IN_PROD.get(secret_name, {})
        secret = by_name.get(("Secret", source.get("secretRef", {}).get("name", "")))
        seen |= {name: base64.b64decode(value).decode() for name, value in (secret or {}).get("data", {}).items()}
    seen |= {variable["name"]: variable.get("value", "pod-0") for variable in container["env"]}
    return load(seen)


def _generated(name: str) -> str:
    """The name of a Secret as we wrote it: kustomize adds a digest to those that it makes."""
    return re.sub(r"-[a-z0-9]{10}$", "", name)


@pytest.mark.parametrize("name", OVERLAYS)
def test_strict_schemas_find_nothing_in(name: str, tmp_path: Path) -> None:
    assert not faults(_built(name), tmp_path)


def test_strict_schemas_find_nothing_where_topics_are_strimzi_s_and_the_job_is_gone(tmp_path: Path) -> None:
    text = built("strimzi", root=copied(tmp_path))

    assert not faults(text, tmp_path)
    found = resources(text)
    assert len(of_kind(found, "KafkaTopic")) == 10
    assert [one["metadata"]["name"] for one in of_kind(found, "Job")] == ["migrations"]


@pytest.mark.parametrize(
    ("file", "right", "wrong"),
    [
        ("base/role.yaml", "failureThreshold: 30", "failureThresholds: 30"),
        ("base/pod.yaml", "readOnlyRootFilesystem: true", "readOnlyRootFileSystem: true"),
        ("base/roles/store.yaml", "maxUnavailable: 1", "maxUnavailable: {}"),
        ("components/keda/scaled-objects.yaml", "lagThreshold", "lagThreshhold"),
        ("components/monitoring/pod-monitor.yaml", "interval: 15s", "interval: often"),
        ("components/monitoring/prometheus-rule.yaml", "for: 3m", "For: 3m"),
        ("components/strimzi/topics.yaml", "retention.ms", "retention.seconds"),
        ("components/network-policies/policies.yaml", "podSelector", "podsSelector"),
    ],
)
def test_a_planted_fault_is_refused(file: str, right: str, wrong: str, tmp_path: Path) -> None:
    root = copied(tmp_path)
    path = root / "k8s" / file
    text = path.read_text("utf-8")
    assert right in text, "plant another fault"
    path.write_text(text.replace(right, wrong, 1), "utf-8")

    found = faults(built("strimzi", root=root), tmp_path)

    assert wrong.split(":")[0] in found or wrong.split(": ")[-1] in found


def test_every_role_and_one_shot_runs(overlay: list[Resource]) -> None:
    args = {name: pod["containers"][0]["args"] for name, pod in _pods(overlay)}
    assert args == {
        **{role: ["run", role] for role in ROLES},
        "topics": ["topics", "apply"],
        "migrations": ["database", "apply"],
    }


def test_every_pod_is_what_pod_security_calls_restricted(overlay: list[Resource]) -> None:
    for name, pod in _pods(overlay):
        container = pod["containers"][0]["securityContext"]
        assert container["allowPrivilegeEscalation"] is False, name
        assert container["readOnlyRootFilesystem"] is True, name
        assert container["capabilities"] == {"drop": ["ALL"]}, name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["runAsUser"] == 10001, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert pod["enableServiceLinks"] is pod["automountServiceAccountToken"] is False, name


def test_every_pod_s_settings_are_known_and_valid_and_name_servers_all_of_them_share(overlay: list[Resource]) -> None:
    for _, pod in _pods(overlay):
        refuse_split(_settings(pod, overlay))


def test_each_role_holds_the_secrets_that_it_uses_and_no_others(overlay: list[Resource]) -> None:
    held = {
        name: {
            _generated(source["secretRef"]["name"])
            for source in pod["containers"][0]["envFrom"]
            if "secretRef" in source
        }
        for name, pod in _pods(overlay)
    }
    assert held == {
        **{name: {"wiredesk"} for name in ("dedupe", "geotag", "store", "topics", "migrations")},
        **{name: {"wiredesk", "wiredesk-feeds"} for name in ("feeds", "pages")},
        "notify": {"wiredesk", "wiredesk-endpoints"},
        "web": {"wiredesk", "wiredesk-web"},
    }
    for name, pod in _pods(overlay):
        assert bool(_settings(pod, overlay).token.get_secret_value()) == (name == "web")


def test_servers_are_reached_in_namespaces_that_are_named_for_it_alone() -> None:
    (policy,) = [
        one for one in of_kind(resources(_built("prod")), "NetworkPolicy") if one["metadata"]["name"] == "servers"
    ]
    (rule,) = policy["spec"]["egress"]
    assert rule["to"] == [{"namespaceSelector": {"matchLabels": {"wiredesk/servers": "true"}}}]


def test_roles_have_probes_memory_limits_and_longer_to_end_than_they_take(overlay: list[Resource]) -> None:
    for name, pod in _pods(overlay):
        if name not in ROLES:
            continue
        container = pod["containers"][0]
        paths = {
            probe: container[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")
        }
        assert paths == {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"}
        assert container["resources"]["limits"]["memory"]
        assert timedelta(seconds=pod["terminationGracePeriodSeconds"]) > _settings(pod, overlay).shutdown


def test_probes_ask_at_the_address_of_health_alone_which_visitors_cannot_fill(overlay: list[Resource]) -> None:
    for name, pod in _pods(overlay):
        if name not in ROLES:
            continue
        container = pod["containers"][0]
        address = _settings(pod, overlay).health_address
        assert address
        (port,) = [one["name"] for one in container["ports"] if one["containerPort"] == address[1]]
        asked = {container[probe]["httpGet"]["port"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
        assert asked == {port}


def test_a_migration_may_take_as_long_as_wiredesk_gives_it(overlay: list[Resource]) -> None:
    limits = {job["metadata"]["name"]: job["spec"]["activeDeadlineSeconds"] for job in of_kind(overlay, "Job")}
    assert timedelta(seconds=limits["migrations"]) > MIGRATION_LIMIT


def test_members_of_a_group_have_names_that_last_and_the_pod_s_name_as_instance(overlay: list[Resource]) -> None:
    """Static members never leave: under a new name the partitions of the old one would lie idle for a session."""
    kinds = {one["metadata"]["name"]: one["kind"] for one in of_kind(overlay, "Deployment", "StatefulSet")}
    assert {kinds[role] for role in READS} == {"StatefulSet"}
    assert {kinds[role] for role in set(ROLES) - set(READS)} == {"Deployment"}
    for _, pod in _pods(overlay):
        (instance,) = [one for one in pod["containers"][0]["env"] if one["name"] == "WIREDESK_INSTANCE"]
        assert instance["valueFrom"] == {"fieldRef": {"fieldPath": "metadata.name"}}


def test_every_selector_finds_the_pods_it_means(overlay: list[Resource]) -> None:
    labels = {
        one["metadata"]["name"]: one["spec"]["template"]["metadata"]["labels"]
        for one in of_kind(overlay, "Deployment", "StatefulSet", "Job")
    }
    budgets = {
        one["metadata"]["name"]: one["spec"]["selector"]["matchLabels"]
        for one in of_kind(overlay, "PodDisruptionBudget")
    }
    assert {name: _found(labels, wanted) for name, wanted in budgets.items()} == {role: {role} for role in ROLES}
    services = {one["metadata"]["name"]: one["spec"]["selector"] for one in of_kind(overlay, "Service")}
    assert _found(labels, services["web"]) == {"web"}
    assert _found(labels, services["wiredesk"]) >= set(READS)


def _found(labels: Mapping[str, Mapping[str, str]], wanted: Mapping[str, str]) -> set[str]:
    return {name for name, mine in labels.items() if wanted.items() <= mine.items()}


def test_keda_scales_workloads_that_exist_by_the_lag_of_the_group_that_they_are() -> None:
    prod = resources(_built("prod"))
    kinds = {one["metadata"]["name"]: one["kind"] for one in of_kind(prod, "Deployment", "StatefulSet")}
    for one in of_kind(prod, "ScaledObject"):
        target = one["spec"]["scaleTargetRef"]
        assert kinds[target["name"]] == target["kind"]
        assert one["spec"]["maxReplicaCount"] <= Config.model_fields["kafka_partitions"].default
        groups = [each["metadata"].get("consumerGroup") for each in one["spec"]["triggers"]]
        assert {group for group in groups if group} <= {f"wiredesk.{target['name']}"}


def test_only_the_roles_that_fetch_and_send_may_go_outside() -> None:
    prod = of_kind(resources(_built("prod")), "NetworkPolicy")
    outside = [one for one in prod if "ipBlock" in str(one["spec"].get("egress"))]
    (policy,) = outside
    (expression,) = policy["spec"]["podSelector"]["matchExpressions"]
    assert expression == {"key": "wiredesk/role", "operator": "In", "values": ["feeds", "pages", "notify"]}


@pytest.mark.parametrize("path", copies.COPIES, ids=lambda path: path.name)
def test_what_kubernetes_has_in_its_own_form_is_up_to_date(path: Path) -> None:
    assert path.read_text("utf-8") == copies.COPIES[path](), "run: python -m tests.deploy.copies"
