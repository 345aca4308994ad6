"""What README and documents show to be copied is run as it stands, but for the names of servers."""

from __future__ import annotations

import asyncio
import base64
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from tests.contracts.samples import NOW, an_article
from wiredesk.backends import topics_of
from wiredesk.bus.open import open_bus
from wiredesk.bus.records import to_record
from wiredesk.config import Config
from wiredesk.roles.feeds.subscriptions import read_file as read_feeds
from wiredesk.roles.notify.rules import read_file as read_rules

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "docs" / "subscribing.md", ROOT / "docs" / "rules.md"]
PATIENCE = 30.0


def shown(language: str) -> list[tuple[str, str]]:
    """Document and text of every block in `language`."""
    block = re.compile(rf"^```{language}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    return [(document.name, text) for document in DOCUMENTS for text in block.findall(document.read_text("utf-8"))]


SUBSCRIBERS = [text for _, text in shown("python") if "AIOKafkaConsumer" in text]


async def test_the_subscribers_shown_print_what_comes(kafka_url: str, prefix: str) -> None:
    topics = topics_of(Config(prefix=prefix, kafka_replication=1, kafka_partitions=1))
    record = to_record(an_article(title="Flood"), prefix=prefix, role="geotag", now=NOW, traceparent="")
    async with open_bus(kafka_url) as bus:
        await bus.apply(topics)
        await bus.publish([record])

    told = await asyncio.gather(*(first_line(as_here(text, kafka_url, prefix)) for text in SUBSCRIBERS))

    assert len(told) == 2
    assert all("Flood" in line for line in told)


def as_here(text: str, kafka_url: str, prefix: str) -> str:
    here = text.replace("broker:9092", kafka_url.removeprefix("kafka://")).replace(
        "wiredesk.articles", f"{prefix}.articles"
    )
    return here.replace('"mine"', f'"mine{abs(hash(text))}"')  # one of its own each: a group shares its partitions


async def first_line(program: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-u", "-c", program, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    try:
        return (await asyncio.wait_for(process.stdout.readline(), PATIENCE)).decode()
    finally:
        process.kill()
        await process.wait()


def test_the_verification_shown_takes_what_we_sign_and_nothing_else() -> None:
    (program,) = [text for _, text in shown("python") if "verify" in text]
    secret, body, now = "whsec_" + base64.b64encode(b"k" * 32).decode(), '{"type": "wiredesk.alert"}', datetime.now(UTC)
    signed = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", now, body),
    }
    here = program.replace("whsec_…", secret)
    names: dict[str, object] = {"body": body, "headers": signed}

    exec(here, names)

    assert names["event"] == {"type": "wiredesk.alert"}
    with pytest.raises(Exception, match="signature"):
        exec(here, {"body": body + " ", "headers": signed})


@pytest.mark.parametrize(("document", "text"), shown("toml"))
def test_the_files_shown_are_accepted(document: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "shown.toml"
    path.write_text(text)

    assert len(read_feeds(path).feeds) if "[[feed]]" in text else read_rules(path).rules
