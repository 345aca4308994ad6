"""The topics that Kafka has, and changing them to their `TopicSpec`s."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

from wiredesk.bus import Change, TopicSpec
from wiredesk.bus.kafka_client import milliseconds
from wiredesk.errors import Misconfigured

RETENTION = "retention.ms"
IN_SYNC = "min.insync.replicas"
ALREADY_EXISTS, TOO_FEW_BROKERS = 36, 38
LOOKS, BETWEEN_LOOKS = 50, timedelta(milliseconds=50)
WHY_NOT_PARTITIONS = "it would move keys to other partitions and so break their order: drain the topic and make it anew"
WHY_NOT_REPLICATION = "replicas are moved by the cluster's own tools, or set WIREDESK_KAFKA_REPLICATION to what is"
SET_ON_THE_TOPIC = 1  # DescribeConfigs, config_source: dynamic topic configuration


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """A topic that exists."""

    partitions: int
    replication: int


async def describe(admin: AIOKafkaAdminClient, topics: Sequence[str]) -> Mapping[str, Existing]:
    """Those of `topics` that exist, in order of name."""
    # All are asked for: naming one that does not exist may create it, where the brokers are set so.
    names = set(topics)
    descriptions = [
        topic for topic in await admin.describe_topics() if topic["topic"] in names and not topic["error_code"]
    ]
    return {
        topic["topic"]: Existing(
            partitions=len(topic["partitions"]),
            replication=min((len(partition["replicas"]) for partition in topic["partitions"]), default=0),
        )
        for topic in sorted(descriptions, key=lambda topic: str(topic["topic"]))
    }


async def plan(admin: AIOKafkaAdminClient, topics: Sequence[TopicSpec]) -> list[Change]:
    """What is missing or different, in the order of `topics`."""
    existing = await describe(admin, [spec.name for spec in topics])
    settings = await _settings(admin, list(existing))
    changes: list[Change] = []
    for spec in topics:
        if spec.name not in existing:
            changes.append(_creation(spec))
            continue
        changes += _refused(spec, existing[spec.name])
        for name, value in _wanted(spec).items():
            have = settings[spec.name].get(name, ("", False))[0]
            if have != value:
                why = _why_not(name, value, existing[spec.name])
                changes.append(Change(topic=spec.name, what=f"set {name}", have=have, want=value, refused=why))
    return changes


async def apply(admin: AIOKafkaAdminClient, topics: Sequence[TopicSpec]) -> list[Change]:
    """Carry out what `plan` finds and is not refused. Raises `Misconfigured` where a topic has too few brokers."""
    changes = await plan(admin, topics)
    for spec in topics:
        mine = [change for change in changes if change.topic == spec.name and not change.refused]
        if any(change.what == "create" for change in mine):
            await _create(admin, spec)
        elif mine:
            await _set(admin, spec.name, {change.what.removeprefix("set "): change.want for change in mine})
    await _until_seen(admin, topics)
    return changes


async def _until_seen(admin: AIOKafkaAdminClient, topics: Sequence[TopicSpec]) -> None:
    """Wait until brokers show what the controller has done, which takes moments."""
    for _ in range(LOOKS):
        if all(change.refused for change in await plan(admin, topics)):
            return
        await asyncio.sleep(BETWEEN_LOOKS.total_seconds())


def _creation(spec: TopicSpec) -> Change:
    settings = ", ".join(f"{name} {value}" for name, value in _wanted(spec).items())
    want = f"{spec.partitions} partitions, replication {spec.replication}, {settings}"
    return Change(topic=spec.name, what="create", have="", want=want)


def _refused(spec: TopicSpec, existing: Existing) -> list[Change]:
    facts = (
        ("partitions", existing.partitions, spec.partitions, WHY_NOT_PARTITIONS),
        ("replication", existing.replication, spec.replication, WHY_NOT_REPLICATION),
    )
    return [
        Change(topic=spec.name, what=what, have=str(have), want=str(want), refused=why)
        for what, have, want, why in facts
        if have != want
    ]


def _why_not(name: str, value: str, existing: Existing) -> str:
    # Kafka takes it, and then refuses every write.
    is_too_many = name == IN_SYNC and int(value) > existing.replication
    return f"a topic of {existing.replication} replicas would take no more writes" if is_too_many else ""


def _wanted(spec: TopicSpec) -> dict[str, str]:
    return {RETENTION: str(milliseconds(spec.retention)), **spec.settings}


async def _settings(admin: AIOKafkaAdminClient, topics: Sequence[str]) -> dict[str, dict[str, tuple[str, bool]]]:
    """By topic and name: the value, and whether it is set on the topic itself."""
    if not topics:
        return {}
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic) for topic in topics])
    settings: dict[str, dict[str, tuple[str, bool]]] = {}
    for answer in answers:
        for resource in answer.to_object()["resources"]:
            _raise_for(resource["error_code"], f"settings of {resource['resource_name']}: {resource['error_message']}")
            settings[resource["resource_name"]] = {
                entry["config_names"]: (entry["config_value"] or "", entry.get("config_source") == SET_ON_THE_TOPIC)
                for entry in resource["config_entries"]
            }
    return settings


async def _create(admin: AIOKafkaAdminClient, spec: TopicSpec) -> None:
    topic = NewTopic(spec.name, spec.partitions, spec.replication, topic_configs=_wanted(spec))
    answer = await admin.create_topics([topic])
    for name, code, *message in answer.topic_errors:
        if code == TOO_FEW_BROKERS:
            raise Misconfigured(f"creating {name}: WIREDESK_KAFKA_REPLICATION={spec.replication}: {message[0]}")
        if code != ALREADY_EXISTS:
            _raise_for(code, f"creating {name}: {message[0] if message else ''}")


async def _set(admin: AIOKafkaAdminClient, topic: str, settings: Mapping[str, str]) -> None:
    # This request replaces all that is set on the topic, so what stays is said again.
    present = (await _settings(admin, [topic]))[topic]
    kept = {name: value for name, (value, is_ours) in present.items() if is_ours}
    resource = ConfigResource(ConfigResourceType.TOPIC, topic, configs={**kept, **settings})
    for answer in await admin.alter_configs([resource]):
        for outcome in answer.to_object()["resources"]:
            _raise_for(outcome["error_code"], f"settings of {topic}: {outcome['error_message']}")


async def record_limit(admin: AIOKafkaAdminClient, topic: str) -> int:
    """The `max.message.bytes` in force for `topic`."""
    return int((await _settings(admin, [topic]))[topic]["max.message.bytes"][0])


def _raise_for(code: int, what: str) -> None:
    if code:
        raise for_code(code)(what)
