"""How fast the logs are: 3 KB values in batches of 100, one process writing while another reads and commits.

On Kafka a bare client with the same settings runs beside ours, in turn; only ratios inside one run mean anything.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Protocol, Self

from aiokafka.consumer import AIOKafkaConsumer
from aiokafka.producer import AIOKafkaProducer

from tests.bus.backends import spec
from tests.servers import CannotStart
from tests.servers.kafka import Kafka
from wiredesk.bus import Record
from wiredesk.bus.kafka_group import CONSUMER_SETTINGS, MAX_BATCH_RECORDS
from wiredesk.bus.kafka_publish import BATCH_BYTES, PRODUCER_SETTINGS
from wiredesk.bus.open import open_bus

RECORDS = 15_000
BATCH = 100
VALUE_BYTES = 3_000
ROUNDS = 3
PARTITIONS = 4
WIDE = 8
HEADERS = tuple((f"ce_{name}", b"x" * 30) for name in ("id", "source", "specversion", "subject", "time", "type"))


class Client(Protocol):
    """What is measured: publish a batch, and read everything there is, committing each batch."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...

    async def publish(self, records: Sequence[Record]) -> None: ...

    def batches(self, topic: str, group: str) -> AsyncIterator[int]: ...


class Ours:
    """The log as roles use it."""

    def __init__(self, url: str) -> None:
        self._bus = open_bus(url)

    async def __aenter__(self) -> Self:
        await self._bus.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._bus.__aexit__(*exc)

    async def publish(self, records: Sequence[Record]) -> None:
        await self._bus.publish(records)

    async def batches(self, topic: str, group: str) -> AsyncIterator[int]:
        async with self._bus.subscribe([topic], group=group) as subscription:
            async for batch in subscription:
                await subscription.commit(batch)
                yield len(batch)


class Bare:
    """Kafka's client with nothing around it."""

    def __init__(self, url: str) -> None:
        self._servers = url.removeprefix("kafka://")
        self._producer: AIOKafkaProducer = None

    async def __aenter__(self) -> Self:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._servers, max_batch_size=BATCH_BYTES, **PRODUCER_SETTINGS
        )
        await self._producer.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._producer.stop()

    async def publish(self, records: Sequence[Record]) -> None:
        sent = [
            await self._producer.send(one.topic, one.value, key=one.key, headers=list(one.headers)) for one in records
        ]
        await asyncio.gather(*sent)

    async def batches(self, topic: str, group: str) -> AsyncIterator[int]:
        consumer = AIOKafkaConsumer(topic, bootstrap_servers=self._servers, group_id=group, **CONSUMER_SETTINGS)
        async with consumer:
            while True:
                found = await consumer.getmany(timeout_ms=1_000, max_records=MAX_BATCH_RECORDS)
                if found:
                    await consumer.commit()
                    yield sum(len(records) for records in found.values())


CLIENTS: dict[str, Callable[[str], Client]] = {"ours": Ours, "bare": Bare}


def run() -> list[tuple[str, str]]:
    """Rates of the embedded log, then of Kafka, ours beside the bare client."""
    with tempfile.TemporaryDirectory() as folder:
        rows = _rows("embedded", _median(f"sqlite:///{folder}/log.sqlite", ["ours"])["ours"])
    try:
        with Kafka() as server:
            rates = _median(server.url, ["ours", "bare"])
    except CannotStart as error:
        return [*rows, ("production", f"not measured: {error}")]
    rows += _rows("production", rates["ours"]) + _rows("production: by bare aiokafka", rates["bare"])
    return rows + [
        (f"production: to bare aiokafka, {what}", f"{rates['ours'][what] / rates['bare'][what]:.0%}")
        for what in rates["ours"]
    ]


def _rows(mode: str, rates: Mapping[str, float]) -> list[tuple[str, str]]:
    return [(f"{mode}: {what}", f"{rate:,.0f}/s") for what, rate in rates.items()]


def _median(url: str, clients: Sequence[str]) -> dict[str, dict[str, float]]:
    """Medians of the rates by client; clients take turns, so that whatever else runs weighs on all."""
    rounds: dict[str, list[dict[str, float]]] = {client: [] for client in clients}
    for number in range(ROUNDS):
        for client in clients:
            rounds[client].append(_round(url, client, f"bench{number}.{client}"))
    return {
        client: {what: statistics.median(rates[what] for rates in measured) for what in measured[0]}
        for client, measured in rounds.items()
    }


def _round(url: str, client: str, topic: str) -> dict[str, float]:
    asyncio.run(_make(url, topic))
    with _worker("read", client, url, topic, "together") as reader, _worker("write", client, url, topic, "1") as writer:
        written, read = _figure(writer), _figure(reader)
    with _worker("read", client, url, topic, "backlog") as reader:
        backlog = _figure(reader)
    with _worker("write", client, url, topic, f"{WIDE}") as writer:
        wide = _figure(writer)
    return {
        "write, another process reads": written,
        "read and commit, meanwhile": read,
        "read and commit, a backlog": backlog,
        f"write, {WIDE} batches at once": wide,
    }


async def _make(url: str, topic: str) -> None:
    async with open_bus(url) as bus:
        await bus.apply([spec(topic, partitions=PARTITIONS)])


def _worker(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-m", __spec__.name, *arguments], stdout=subprocess.PIPE, text=True)


def _figure(worker: subprocess.Popen[str]) -> float:
    out, _ = worker.communicate(timeout=300)
    if worker.returncode:
        raise RuntimeError(f"a worker of the bench ended with status {worker.returncode}")
    return float(json.loads(out.splitlines()[-1]))


async def _write(client: Client, topic: str, width: int) -> float:
    records = _records(topic)
    batches = [records[start : start + BATCH] for start in range(0, RECORDS, BATCH)]

    async def work(mine: Sequence[Sequence[Record]]) -> None:
        for batch in mine:
            await client.publish(batch)

    started = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for first in range(width):
            tasks.create_task(work(batches[first::width]))
    return RECORDS / (time.perf_counter() - started)


async def _read(client: Client, topic: str, group: str) -> float:
    """Records a second from the first batch on: joining a group is not what is measured."""
    seen, first, started = 0, 0, 0.0
    async for count in client.batches(topic, group):
        if not seen:
            first, started = count, time.perf_counter()
        seen += count
        if seen >= RECORDS:
            break
    return (seen - first) / (time.perf_counter() - started)


def _records(topic: str) -> list[Record]:
    """Text of a vocabulary, which packs about as articles do."""
    chance = random.Random(7)
    words = ["".join(chance.choices("etaoinshrdlu", k=chance.randint(2, 10))) for _ in range(3_000)]
    texts = [" ".join(chance.choices(words, k=VALUE_BYTES // 5))[:VALUE_BYTES].encode() for _ in range(500)]
    return [
        Record(topic=topic, key=f"key {number % 1_000}".encode(), value=texts[number % 500], headers=HEADERS)
        for number in range(RECORDS)
    ]


async def _main(what: str, client: str, url: str, topic: str, detail: str) -> None:
    async with CLIENTS[client](url) as opened:
        if what == "write":
            rate = await _write(opened, topic, int(detail))
        else:
            rate = await _read(opened, topic, f"{topic}.{detail}")
    print(json.dumps(rate))


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
