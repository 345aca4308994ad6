"""A subscriber of the topics, with nothing of wiredesk: plain aiokafka, and the published schemas."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord
from jsonschema import Draft202012Validator

from tests.pipeline import paper
from tests.pipeline.running import PATIENCE, environment, wiredesk

pytestmark = pytest.mark.servers

SCHEMAS = Path(__file__).parents[2] / "deploy" / "asyncapi" / "schemas"
FLOW = ("published", "seen", "fetched", "collected", "deduplicated", "geotagged")


async def records_of(bootstrap: str, topics: Mapping[str, int]) -> list[ConsumerRecord]:
    """As many records of each topic as named, from the beginning."""
    found: list[ConsumerRecord] = []
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap, auto_offset_reset="earliest", group_id=None)
    await consumer.start()
    try:
        async with asyncio.timeout(PATIENCE):
            while len(found) < sum(topics.values()):
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    found += records
    finally:
        await consumer.stop()
    return found


def validator_of(record: ConsumerRecord) -> Draft202012Validator:
    """The published schema that the record names."""
    published = [json.loads(path.read_text("utf-8")) for path in SCHEMAS.glob("*.json")]
    named = dict(record.headers)["ce_dataschema"].decode()
    (schema,) = [schema for schema in published if schema["$id"] == named]
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


async def test_every_article_and_comment_is_of_the_published_schema_and_its_times_ascend(
    home: Path, kafka_url: str, redis_url: str, postgres_url: str, prefix: str
) -> None:
    env = environment(
        home,
        WIREDESK_BUS_URL=kafka_url,
        WIREDESK_STATE_URL=redis_url,
        WIREDESK_DATABASE_URL=postgres_url,
        WIREDESK_PREFIX=prefix,
        WIREDESK_KAFKA_PARTITIONS="3",
        WIREDESK_KAFKA_REPLICATION="1",
    )
    async with paper.printed() as site:
        assert (await wiredesk("topics", "apply", env=env)).status == 0
        ended = await wiredesk("run", "--feed", f"{site.url}{paper.FEED}", "--until-idle", env=env)
        assert ended.status == 0, ended.err
    topics = {f"{prefix}.articles": 4, f"{prefix}.comments": 5}
    records = await records_of(kafka_url.removeprefix("kafka://"), topics)
    assert {topic: sum(record.topic == topic for record in records) for topic in topics} == topics
    for record in records:
        event = json.loads(record.value)
        assert [error.message for error in validator_of(record).iter_errors(event)] == []
        headers = {name: value.decode() for name, value in record.headers}
        kind = "article" if record.topic.endswith("articles") else "comment"
        assert headers["ce_type"] == f"wiredesk.{kind}"
        assert headers["ce_id"] == event["capture"]
        assert record.key.decode() == (event["id"] if kind == "article" else event["article_id"])
        times = [datetime.fromisoformat(event["times"][name]) for name in FLOW if event["times"].get(name)]
        assert times == sorted(times)
        assert len(times) >= 4
